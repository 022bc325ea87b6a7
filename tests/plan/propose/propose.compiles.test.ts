// What is proposed for any table compiles under the strict settings, as pipeline files do.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { pipelineFile } from '../../../plan/propose/pipeline-file.ts'
import { profileSample } from '../../../plan/propose/profile.ts'
import { proposePipeline } from '../../../plan/propose/propose.ts'
import { table } from './tables.ts'

const root = resolve(import.meta.dirname, '../../..')
/** inside the repository, so that `sluice` resolves to this package */
mkdirSync(join(root, '.sluice'), { recursive: true }) // a fresh clone has none
const folder = mkdtempSync(join(root, '.sluice', 'test-compiles-'))
const TABLES = 40

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every proposal compiles', async () => {
  const tables = fc.sample(table, TABLES)
  const wide = Array.from({ length: 30 }, (_, i) => ({
    ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`a${n}`, i * n])),
    ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`b${n}`, (i + n) % 2 === 0])),
    outcome: i % 2 === 0,
  }))
  for (const [i, rows] of [wide, ...tables].entries()) {
    const featured = rows.map((row, size) => ({ ...row, size }))
    const options = { name: 'sample', topic: 'sample', sample: 'rows', label: 'outcome' }
    writeFileSync(join(folder, `pipeline-${i}.ts`), pipelineFile(proposePipeline(profileSample(featured), options)))
  }
  const settings = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], (_error, stdout, stderr) =>
      done(stdout + stderr),
    )
  })
  expect(output).toBe('')
}, 120_000)
