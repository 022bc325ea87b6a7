// Sizes, names, first lines, and what only certain files may do.
import { expect, test } from 'vitest'
import { code, files, folderOf, linesOf, product, read } from './tree.ts'

const MAX_LINES = { source: 300, tests: 400 }

test('no file is too long', () => {
  const limit = (file: string) => (folderOf(file) === 'tests' ? MAX_LINES.tests : MAX_LINES.source)
  expect(code.filter((file) => linesOf(file) > limit(file)).map((file) => `${file}: ${linesOf(file)}`)).toEqual([])
})

test('line one says what a file is', () => {
  const unexplained = code.filter((file) => {
    const [first = '', second = ''] = read(file).split('\n')
    return !/^(\/\/ \S|\/\*\*)/.test(first.startsWith('#!') ? second : first)
  })
  expect(unexplained).toEqual([])
})

test('names are kebab-case and say something', () => {
  const bad = code.filter((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    return !/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(name) || /^(utils?|helpers?|common|misc)\./.test(name)
  })
  expect(bad).toEqual([])
})

test('tests say what they test and their concern', () => {
  const bad = code
    .filter((file) => /^tests\/[^/]+\/.*\.test\.ts$/.test(file))
    .filter((file) => {
      const parts = file
        .slice(file.lastIndexOf('/') + 1)
        .replace(/(\.live)?\.test\.ts$/, '')
        .split('.')
      return parts.length > 2
    })
  expect(bad).toEqual([])
})

/** Programs that a person or a log looks at; everything else returns numbers and words. */
const PRINTING = ['cli', 'infra', 'workers']

test('domain folders do not print', () => {
  const printing = product.filter((file) => !PRINTING.includes(folderOf(file)))
  expect(printing.filter((file) => /\bconsole\.|process\.std(out|err)/.test(read(file)))).toEqual([])
})

test('outside infra/ only core/config.ts reads the environment', () => {
  const reading = product.filter((file) => folderOf(file) !== 'infra' && file !== 'core/config.ts')
  expect(reading.filter((file) => /\bprocess\.env\b/.test(read(file)))).toEqual([])
})

/** Files with an Error that never leaves them, and what becomes of it. */
const CAUGHT_INSIDE: Readonly<Record<string, string>> = {
  'infra/packing/build-package.ts': 'a clone that does not compile, said to who changed it',
  'infra/packing/pack-clone.ts': 'npm that cannot pack a clone, said to who changed it',
  'infra/tensorflow/addon.ts': 'the reason why training uses wasm',
  'ml/backends/wasm-memory.ts': 'as V8 does for its own memory; training makes OUT_OF_MEMORY of both',
  'stream/kafka/producer.ts': 'a codec that only compresses: its other half is never called',
}

test('errors that a person sees have a code', () => {
  const throwing = product.filter((file) => /throw new Error\(/.test(read(file)))
  expect(throwing.filter((file) => !(file in CAUGHT_INSIDE))).toEqual([])
  expect(Object.keys(CAUGHT_INSIDE).filter((file) => !throwing.includes(file))).toEqual([])
})

test('no file names a registry or a home folder', () => {
  const hosts = ['registry.npm' + 'js.org', 'registry.yarn' + 'pkg.com', 'py' + 'pi.org', 'files.python' + 'hosted.org']
  hosts.push('repo1.' + 'maven.org', 'repo.maven.' + 'apache.org', 'proxy.' + 'golang.org', 'sum.' + 'golang.org')
  const texts = files.filter((file) => /\.(ts|md|json|sh|ya?ml|txt|lock|py|csv)$|^[^.]+$/.test(file))
  const naming = texts.filter((file) => {
    const text = read(file)
    return hosts.some((host) => text.includes(host)) || /\/(home|Users)\/[a-z]\w*\/|\/root\/|\/work\//.test(text)
  })
  // the defaults of a product that fetches what it needs, where the user's own tools name no registry
  expect(naming.filter((file) => file !== 'tests/repository/files.test.ts')).toEqual([
    'infra/downloads/public-registries.ts',
  ])
  expect(read('infra/downloads/public-registries.ts').split('\n').filter(Boolean)).toHaveLength(3)
})
