// The fingerprint of a stage's code changes with what decides its result, and with nothing else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { fingerprintCode, readCode } from '../../../workers/code/fingerprint.ts'
import { installedVersions, packageOf } from '../../../workers/code/packages.ts'
import { stageCode } from '../../../workers/code/stage-code.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'sluice-code-'))
afterAll(() => rmSync(dir, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
    writeFileSync(path.join(dir, name), text)
  }
}

function packageJson(version: string, dependencies: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ name: 'any', version, dependencies })
}

beforeEach(() => {
  write({
    'stage.ts': `import { scale } from './scale.ts'\nimport { sum } from 'outer'\nexport const run = (x: number) => sum(scale(x))\nexport const unused = 1`,
    'scale.ts': `// doubles\nexport const scale = (x: number) => x * 2`,
    'other.ts': `export const other = 1`,
    'node_modules/outer/package.json': packageJson('1.0.0', { inner: '*' }).replace('any', 'outer'),
    'node_modules/inner/package.json': packageJson('1.0.0').replace('any', 'inner'),
  })
})

const fingerprint = () => fingerprintCode({ dir, source: `export { run } from './stage'` })

const CHANGES: readonly (readonly [what: string, files: Readonly<Record<string, string>>, changes: boolean])[] = [
  ['code that it imports', { 'scale.ts': `export const scale = (x: number) => x * 3` }, true],
  ['a comment', { 'scale.ts': `// twice\n\nexport const scale = (x: number) => x * 2` }, false],
  ['a type', { 'scale.ts': `export type T = string\nexport const scale = (x: number): number => x * 2` }, false],
  ['a file it does not import', { 'other.ts': `export const other = 2` }, false],
  ['a package version', { 'node_modules/outer/package.json': packageJson('1.0.1').replace('any', 'outer') }, true],
  [
    "a package's own dependency",
    { 'node_modules/inner/package.json': packageJson('1.0.1').replace('any', 'inner') },
    true,
  ],
]

test.each(CHANGES)('%s decides: %o %s', async (_what, files, changes) => {
  const before = await fingerprint()
  write(files)
  expect((await fingerprint()) !== before).toBe(changes)
})

test('an unused export does not count', async () => {
  const before = await fingerprint()
  const source = `import { scale } from './scale.ts'\nimport { sum } from 'outer'\nexport const run = (x: number) => sum(scale(x))\nexport const unused = 2`
  write({ 'stage.ts': source })
  expect(await fingerprint()).toBe(before)
})

test('scoped packages keep their scope', () => {
  expect(['@a/b/c.js', '@a/b', 'a/b.js', 'a'].map(packageOf)).toEqual(['@a/b', '@a/b', 'a', 'a'])
})

test('installed versions name each package once', () => {
  const versions = installedVersions(['@temporalio/workflow', 'apache-arrow'], process.cwd())
  expect(versions).toContain('apache-arrow@21.2.0')
  expect(versions).toContain('@temporalio/workflow@1.24.0')
  expect(new Set(versions).size).toBe(versions.length)
})

test('every stage has a fingerprint of its own', async () => {
  const stages = await stageCode()
  expect(new Set(Object.values(stages.code)).size).toBe(3)
  expect(await stageCode()).toEqual(stages)
})

test.each([
  ['train', 'a program of the user', `export { runTrainJob } from './stages/train/train-job'`],
  ['clean', 'what the parts become', `export { createCleaner } from './clean/cleaner'`],
] as const)('the code of %s holds %s, too', async (stage, _what, without) => {
  expect((await stageCode()).code[stage]).not.toBe(await fingerprintCode({ source: without }))
})

test('the parts name the files that differ', async () => {
  const read = () => readCode({ dir, source: `export { run } from './stage'` })
  const before = await read()
  write({ 'scale.ts': `// twice\nexport const scale = (x: number) => x * 3` })
  const { fingerprint, parts } = await read()
  expect(fingerprint).not.toBe(before.fingerprint)
  expect(Object.keys(parts.modules)).toEqual(['scale.ts', 'stage.ts'])
  expect(parts.modules['stage.ts']).toBe(before.parts.modules['stage.ts'])
  expect(parts.modules['scale.ts']).not.toBe(before.parts.modules['scale.ts'])
  expect(parts.packages).toEqual(['inner@1.0.0', 'outer@1.0.0'])
})

test('comments are no part of a file', async () => {
  const read = () => readCode({ dir, source: `export { run } from './stage'` })
  const before = await read()
  write({ 'scale.ts': `// twice\n\nexport const scale = (x: number) => x * 2` })
  expect(await read()).toEqual(before)
})
