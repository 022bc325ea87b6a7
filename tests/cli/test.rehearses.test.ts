// sluice test: the stages' own code on a sample, without a server, told in words and by exit code.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { events } from '../../pipelines/diagnosis/events.ts'
import definition from '../../pipelines/diagnosis/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'
import { sluice, sluiceJson } from './streams.ts'

const HERE = { SLUICE_PROJECT: process.cwd() }
mkdirSync(join(process.cwd(), '.sluice'), { recursive: true }) // a fresh clone has none
/** inside the repository, so that `sluice` resolves to this package */
const project = mkdtempSync(join(process.cwd(), '.sluice', 'test-rehearse-'))
const THERE = { SLUICE_PROJECT: project, SLUICE_BACKEND: 'wasm' }

function writePipeline(name: string, gate: string): void {
  const folder = join(project, 'pipelines', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'pipeline.ts'),
    `import { column, definePipeline, encode, gate, kafka, model, optimizer, predict, split } from 'sluice'
export default definePipeline({
  name: '${name}', owner: 'tests', source: kafka('${name}', { format: 'json' }),
  columns: { id: column.id(), weight: column.number({ min: 0 }), ripe: column.flag() },
  features: { weight: encode.standardize() },
  predict: predict.probability('ripe'),
  split: split.byHash('id', { train: 0.6, validate: 0.2, test: 0.2 }),
  train: { model: model.mlp({ hidden: [] }), optimizer: optimizer.adam({ rate: 0.1 }), batch: 32, epochs: 20, seed: 1 },
  gates: [${gate}],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
})
`,
  )
}

const pears = join(project, 'pears.ndjson')

beforeAll(() => {
  writePipeline('pears', `gate.atLeast('accuracy', 0.8)`)
  writePipeline('plums', `gate.atLeast('accuracy', 1)`)
  const lines = Array.from({ length: 600 }, (_, i) =>
    JSON.stringify({ id: `p${i}`, weight: i % 100, ripe: i % 7 === 0 ? i % 100 < 50 : i % 100 >= 50 }),
  )
  writeFileSync(pears, [...lines, '{"id": "p600", "weight": -1, "ripe": true}', 'not JSON', lines[0]].join('\n'))
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('it answers what the stages answer', async () => {
  const plan = resolvePipeline(definition)
  const { dataset, evaluation } = await runInMemory({ plan, events: events({ batch: 1, seed: 7 }) })
  const { code, answer } = await sluiceJson(['test', 'diagnosis'], HERE)
  expect(code).toBe(0)
  expect(answer).toMatchObject({
    verdict: 'PASS',
    sampled: false,
    dataset: { accounting: dataset.accounting },
    evaluation: { metrics: evaluation.metrics },
  })
}, 60_000)

test('rows, rejects and gates are told', async () => {
  const { code, stdout } = await sluice(['test', 'pears', '--file', pears], THERE)
  expect(stdout).toContain('603 in = 600 clean + 2 rejected (decode: 2, label is present: 0) + 1 duplicates')
  expect(stdout).toContain('1 × not JSON')
  expect(stdout).toContain('1 × weight: expected a number ≥ 0')
  expect(stdout).toContain('event 602: "not JSON"')
  expect(stdout).toMatch(/[✓?] accuracy ≥ 0.8/)
  expect(stdout).toMatch(/answers (true|false) \(\d/)
  expect(code).toBe(0)
}, 60_000)

test('a gate that fails on all events is exit code 3', async () => {
  const { code, stdout } = await sluice(['test', 'plums', '--file', pears], THERE)
  expect(stdout).toContain('plums: FAIL')
  expect(code).toBe(3)
}, 60_000)

test('one that fails on a sample alone refuses nothing', async () => {
  const { code, stdout } = await sluice(['test', 'digits-images', '--epochs', '1'], HERE)
  expect(stdout).toMatch(/FAIL .*[\s\S]*on a sample, so it is no refusal/)
  expect(code).toBe(0)
}, 120_000)

test('without a name every pipeline is tried', async () => {
  const { code, answer } = await sluiceJson(['test'], THERE)
  expect(code).toBe(1)
  expect(answer.pipelines).toMatchObject([
    { pipeline: 'pears', error: expect.stringContaining('EVENTS_UNKNOWN') },
    { pipeline: 'plums', error: expect.stringContaining('EVENTS_UNKNOWN') },
  ])
})

test('a file needs the pipeline that reads it', async () => {
  const { code, stderr } = await sluice(['test', '--file', pears], THERE)
  expect([code, stderr]).toEqual([2, expect.stringContaining('--file needs the name of the pipeline')])
})
