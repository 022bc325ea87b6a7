// A model that is made again is the same, and one changed event, constant or missing file is found in the stage where it is.
import { afterEach, expect, test, vi } from 'vitest'
import type { Store } from '../../../lake/store/store.ts'
import { failure } from '../../../schemas/failures.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { type Reproduce, reproduce, type StepResult } from '../../../stages/reproduce/reproduce.ts'
import { demoEvents, type Twins } from '../../activities/twins.ts'
import { CODE, makeModel, openMaker, PLAN, runsOf, sendEvents } from '../made-model.ts'

afterEach(() => {
  vi.doUnmock('../../../clean/split.ts')
  vi.doUnmock('../../../core/random.ts')
  vi.resetModules()
})

async function made(): Promise<Twins> {
  const twins = openMaker()
  await sendEvents(twins)
  await makeModel(twins)
  return twins
}

interface Again {
  readonly work?: typeof reproduce
  readonly plan?: Plan
  readonly broker?: Twins['broker'] | null
  readonly store?: Store
  readonly code?: (typeof CODE)['before']
}

async function again(twins: Twins, { work = reproduce, plan = PLAN, code = CODE.before, ...given }: Again = {}) {
  const { store = twins.store, broker = twins.broker } = given
  const runs = await runsOf(twins.store)
  const known = (stage: 'clean' | 'train' | 'evaluate') => ({
    fingerprint: code.code[stage],
    parts: code.codeParts[stage],
  })
  const options: Reproduce = {
    plan,
    runs,
    run: runs.runs[0]!,
    kafka: broker && { broker, registry: null, personalKey: undefined },
    code: { clean: known('clean'), train: known('train'), evaluate: known('evaluate') },
    config: { projectDir: '.', stateDir: '.', endpoints: null },
    onProgress: () => {},
  }
  return await Array.fromAsync(work(store, options))
}

const told = (steps: readonly StepResult[]) => steps.map(({ stage, same }) => `${stage} ${same ? 'same' : 'differs'}`)
const ALL_SAME = ['ingest same', 'clean same', 'train same', 'evaluate same']

test('every stage repeats its bytes, and nothing is written', async () => {
  const twins = await made()
  const before = await twins.keys()
  const steps = await again(twins)
  expect(told(steps)).toEqual(ALL_SAME)
  expect(steps[0]!.words.join()).toContain('7 ranges read from Kafka again')
  expect(await twins.keys()).toEqual(before)
})

test('settings of then are taken, whatever the file says now', async () => {
  const twins = await made()
  const { train } = PLAN
  const plan = { ...PLAN, rules: [], train: { ...train, seed: 9, epochs: 1, checkpointEvery: 3 } }
  expect(told(await again(twins, { plan }))).toEqual(ALL_SAME)
})

test('a changed event is found in its range', async () => {
  const twins = await made()
  const other = openMaker()
  await other.broker.createTopic({ topic: 'demo', partitions: 1 })
  const events = demoEvents(300).map((event, i) =>
    i === 77 ? { ...event, value: event.value.replace('e77', 'e7x') } : event,
  )
  other.broker.append('demo', 0, [...events, ...demoEvents(1), { key: 'p', value: '{', timestamp: 1 }])
  vi.spyOn(other.broker, 'topicLog').mockImplementation((topic) => twins.broker.topicLog(topic))
  vi.spyOn(other.broker, 'clusterId').mockImplementation(() => twins.broker.clusterId())
  const steps = await again(twins, { broker: other.broker })
  expect(told(steps)).toEqual(['ingest differs'])
  expect(steps[0]!.words).toContain('rows of partition 0, offsets [50, 100) differ')
})

test('what the topic has no more is taken from the lake, and said', async () => {
  const twins = await made()
  twins.broker.deleteBefore('demo', 0, 60)
  const steps = await again(twins)
  expect(told(steps)).toEqual(ALL_SAME)
  expect(steps[0]!.words).toEqual([
    '5 ranges read from Kafka again: the same bytes',
    '2 ranges taken from the lake: partition 0 holds [60, 302) now',
  ])
  const without = await again(twins, { broker: null })
  expect(without[0]!.words).toEqual(['7 ranges taken from the lake: Kafka was not asked'])
})

test.each([
  ['TOPIC_UNKNOWN', 'there is no topic demo any more'],
  ['BROKER_UNAVAILABLE', 'Kafka does not answer'],
] as const)('%s leaves the segments', async (code, why) => {
  const twins = await made()
  vi.spyOn(twins.broker, 'topicLog').mockRejectedValue(failure(code, { topic: 'demo' }))
  const steps = await again(twins)
  expect(told(steps)).toEqual(ALL_SAME)
  expect(steps[0]!.words).toEqual([`7 ranges taken from the lake: ${why}`])
})

test('a topic that was created again is not compared', async () => {
  const twins = await made()
  vi.spyOn(twins.broker, 'topicLog').mockResolvedValue({ topicId: 'another', epochs: [0] })
  const [ingest] = await again(twins)
  expect(ingest!.words).toEqual(['7 ranges taken from the lake: the topic was deleted and created again since'])
})

test('offsets of a former log are not compared with the new one', async () => {
  const twins = await made()
  twins.broker.dropTopic('demo')
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  twins.broker.append('demo', 0, demoEvents(310, 1_000))
  const range = { topic: 'demo', partition: 0, start: 0, end: 302 }
  const accepted = { by: 'maria', reason: 'moved', at: '2026-11-24T10:00:00Z' }
  await twins.activities.acceptLoss({ plan: PLAN, range, accepted, commitId: 'loss' })
  const steps = await again(twins)
  expect(told(steps)).toEqual(ALL_SAME)
  expect(steps[0]!.words).toEqual([
    '7 ranges taken from the lake: partition 0 was read from the topic before it was created again or cut',
  ])
})

test('a flipped constant of cleaning is found in clean', async () => {
  const twins = await made()
  vi.resetModules()
  vi.doMock('../../../clean/split.ts', async (original) => {
    const real = await original<typeof import('../../../clean/split.ts')>()
    const flipped: typeof real.assignSplits = (split, ...rest) => real.assignSplits({ ...split, train: 0.79 }, ...rest)
    return { ...real, assignSplits: flipped }
  })
  const { reproduce: work } = await import('../../../stages/reproduce/reproduce.ts')
  const steps = await again(twins, { work })
  expect(told(steps)).toEqual(['ingest same', 'clean differs'])
  expect(steps[1]!.words).toContain('accounting.split.train 204 → 202')
})

test('a flipped constant of training is found in train, with the file', async () => {
  const twins = await made()
  vi.resetModules()
  vi.doMock('../../../core/random.ts', async (original) => {
    const real = await original<typeof import('../../../core/random.ts')>()
    return { ...real, deriveSeed: (seed: number, name: string) => real.deriveSeed(seed + 1, name) }
  })
  const { reproduce: work } = await import('../../../stages/reproduce/reproduce.ts')
  const steps = await again(twins, { work, code: CODE.after })
  expect(told(steps)).toEqual(['ingest same', 'clean same', 'train differs'])
  expect(steps[2]!.words).toContain('code of train: file changed: ml/training/loop.ts')
})

test('what is gone is named', async () => {
  const twins = await made()
  const gone = (await twins.keys()).find((key) => key.startsWith('segments/'))!
  await twins.store.delete(gone)
  await expect(again(twins, { broker: null })).rejects.toMatchObject({
    code: 'ORIGIN_MISSING',
    facts: { found: `nothing at ${gone}` },
  })
})
