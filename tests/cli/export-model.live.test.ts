// sluice export-model on a real store: a program that has only the exported folder answers raw rows as the served model does.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import { openTensorflow } from '../ml/builders.ts'
import { CHAIN, largestDifference, rounding } from '../ml/tolerance.ts'
import { promoteFlowers, ROWS, storeModel } from '../serving/small-model.ts'
import { sluice } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

const PAGE = fileURLToPath(new URL('../fixtures/export/load-graph-model.js', import.meta.url))
const here = (await openTensorflow()) !== null
let project: TemporaryProject
let store: S3Store
let champion: string
let candidate: string

beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  const folder = join(project.directory, 'pipelines', 'flowers')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pipeline.ts'), PIPELINE)
  store = openS3Store(loadConfig(project.env).endpoints!.s3)
  await store.ensureBucket()
  candidate = await storeModel({ store, seed: 1 })
  champion = await storeModel({ store, seed: 2 })
  await promoteFlowers(store, candidate)
  await promoteFlowers(store, champion)
})
afterAll(() => {
  store?.close()
  project?.remove()
})

const run = (...argv: string[]) => sluice(['export-model', 'flowers', ...argv, '--json'], project.env)
const golden = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as { outputs: number[][] }

describe.skipIf(!here)('export-model', () => {
  it('writes what a page needs', async () => {
    const to = join(project.directory, 'page')
    const { code, stdout, stderr } = await run('--format', 'tfjs', '--to', to)
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ model: champion, rows: null, files: readdirSync(to).sort() })
    const page = spawnSync(process.execPath, [PAGE, to], { input: JSON.stringify(ROWS), cwd: process.cwd() })
    expect(page.status, String(page.stderr)).toBe(0)
    const answers = (JSON.parse(String(page.stdout)) as number[][]).flat()
    expect(answers).toHaveLength(3 * ROWS.length)
    expect(largestDifference(answers, golden(to).outputs.flat())).toBeLessThan(rounding(CHAIN.network))
  })

  it('takes a model of the ledger', async () => {
    const to = join(project.directory, 'older')
    const { code, stdout } = await run('--format', 'saved-model', '--to', to, '--model', candidate.slice(0, 10))
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ model: candidate })
    expect(readdirSync(to)).toContain('saved_model.pb')
    expect(golden(to)).not.toEqual(golden(join(project.directory, 'page')))
  })

  it('writes nothing of a model that differs', async () => {
    const spoil = await storeModel({
      store,
      seed: 3,
      spoil: (rows) => ({ ...rows, outputs: rows.outputs.map(() => [0, 0, 1]) }),
    })
    await promoteFlowers(store, spoil)
    const to = join(project.directory, 'spoilt')
    const { code, stdout } = await run('--format', 'tfjs', '--to', to)
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'EXPORT_DIFFERS' } }])
    expect(readdirSync(project.directory)).not.toContain('spoilt')
  })

  it.each([
    ['an unknown digest', ['--format', 'tfjs', '--to', 'x', '--model', 'ffff0000'], 'MODEL_UNKNOWN'],
    ['no format', ['--to', 'x'], 'USAGE'],
    ['an unknown format', ['--format', 'onnx', '--to', 'x'], 'USAGE'],
    ['no destination', ['--format', 'tfjs'], 'USAGE'],
  ])('refuses %s', async (_, argv, error) => {
    const { code, stdout } = await run(...argv)
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: error } }])
  })
})

const PIPELINE = `// Which flower is it?
import { column, definePipeline, encode, kafka, model, optimizer, predict, split } from 'sluice'

export default definePipeline({
  name: 'flowers',
  owner: 'tests',
  source: kafka('flowers', { format: 'json' }),
  columns: {
    id: column.id(),
    petal: column.number({ unit: 'cm', min: 0, max: 50 }),
    soil: column.category(['sand', 'loam']),
    flower: column.category(['iris', 'rose', 'tulip']),
  },
  features: { petal: encode.standardize(), soil: encode.oneHot() },
  predict: predict.category('flower'),
  split: split.byHash('id', { train: 0.6, validate: 0.2, test: 0.2 }),
  train: { model: model.mlp({ hidden: [4] }), optimizer: optimizer.adam(), batch: 32, epochs: 10, seed: 1 },
  gates: [],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
})
`
