// What a run now would do, and why what ran did: the exact words, rows and files.
import { expect, test } from 'vitest'
import { explainRun } from '../../lake/runs/explain-run.ts'
import type { Plan } from '../../schemas/plan.ts'
import { explainNow } from '../../stages/explain-now.ts'
import type { Twins } from '../activities/twins.ts'
import { ingestAll } from '../activities/twins.ts'
import { CODE, makeModel, openMaker, PLAN, runsOf, sendEvents } from './made-model.ts'

async function made(): Promise<Twins> {
  const twins = openMaker()
  await sendEvents(twins)
  await makeModel(twins)
  return twins
}

async function now({ store }: Twins, plan: Plan = PLAN, code = CODE.before) {
  const { snapshot, stages } = await explainNow(store, { plan, runs: await runsOf(store), ...code, backend: 'cpu' })
  const told = stages.map(({ stage, state, differs }) => [
    `${stage} ${state}`,
    ...differs.flatMap(({ input, words }) => words.map((line) => `${input}: ${line}`)),
  ])
  return { version: snapshot?.version ?? null, told }
}

const trainedBy = (rate: number): Plan => ({
  ...PLAN,
  train: { ...PLAN.train, optimizer: { ...PLAN.train.optimizer, rate } },
})

test('an empty lake says nothing', async () => {
  expect(await now(openMaker())).toEqual({ version: null, told: [] })
})

test('unchanged means reused', async () => {
  expect(await now(await made())).toEqual({
    version: 1,
    told: [['clean reused'], ['train reused'], ['evaluate reused']],
  })
})

test('a changed word is told by its path', async () => {
  const { told } = await now(await made(), trainedBy(0.02))
  expect(told[0]).toEqual(['clean reused'])
  expect(told[1]).toEqual(['train would be done', 'recipe: train.optimizer.rate 0.01 → 0.02'])
  expect(told[2]![0]).toBe('evaluate would be done')
  expect(told[2]![1]).toMatch(/^model: [0-9a-f]{12} → another one, unless it comes out the same$/)
})

test('all differences of a recipe are told', async () => {
  const rules = PLAN.rules.map((rule) => ({ ...rule, name: 'x is less', action: 'drop' as const }))
  const { told } = await now(await made(), { ...PLAN, rules, features: [{ column: 'x', encode: 'scale' } as never] })
  expect(told[0]).toHaveLength(1 + 3 + 1)
  expect(told[0]).toContainEqual(expect.stringContaining('recipe: rules["x is less"] is new'))
  expect(told[1]![1]).toMatch(/^dataset: [0-9a-f]{12} → another one/)
})

test('new records are told with their snapshot and offsets', async () => {
  const twins = await made()
  await sendEvents(twins, 300, 50)
  await ingestAll(twins, PLAN, 'later')
  const { told, version } = await now(twins)
  expect(version).toBe(2)
  expect(told[0]).toEqual([
    'clean would be done',
    'data: snapshot 2: +52 records, +1 of them did not decode',
    'data: partition 0: offsets [302, 354) came',
  ])
})

test('changed code is told by its files', async () => {
  const { told } = await now(await made(), PLAN, CODE.after)
  expect(told).toEqual([
    ['clean reused'],
    ['train would be done', 'code: file changed: ml/training/loop.ts'],
    ['evaluate would be done', expect.stringContaining('model: ')],
  ])
})

test('records without a list of files say so', async () => {
  const twins = openMaker({ codeParts: undefined as never })
  await sendEvents(twins)
  await makeModel(twins)
  const { told } = await now(twins, PLAN, CODE.after)
  expect(told[1]![1]).toContain('which files differ is not known, train-1 was made before')
})

test('what ran is explained as it would have been before', async () => {
  const twins = await made()
  const before = await now(twins, trainedBy(0.02))
  await makeModel(twins, trainedBy(0.02), 'again')
  const runs = await runsOf(twins.store)
  expect(runs.runs.map(({ number, made: did }) => ({ number, did }))).toEqual([
    { number: 1, did: ['clean', 'train', 'evaluate'] },
    { number: 2, did: ['train', 'evaluate'] },
  ])
  const stages = await explainRun(twins.store, runs, runs.runs[1]!)
  expect(stages.map(({ state }) => state)).toEqual(['reused', 'done', 'done'])
  expect(stages[1]!.differs.flatMap(({ words }) => words).map((line) => `recipe: ${line}`)).toEqual(
    before.told[1]!.slice(1),
  )
})

test('runs of a gate or of the code of cleaning alone have numbers', async () => {
  const twins = await made()
  await makeModel(twins, { ...PLAN, gates: [] }, 'gates')
  const code = { ...CODE.before, code: { ...CODE.before.code, clean: 'clean-2' } }
  await makeModel(openMaker({ store: twins.store, broker: twins.broker, ...code }), { ...PLAN, gates: [] }, 'code')
  const { runs } = await runsOf(twins.store)
  expect(runs.map(({ made: did }) => did)).toEqual([['clean', 'train', 'evaluate'], ['evaluate'], ['clean']])
  expect(new Set(runs.map(({ train }) => train!.output.digest)).size).toBe(1)
})
