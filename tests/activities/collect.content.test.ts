// Collection beside whole runs on the twins: what ledgers and stage records lead to stays, leftovers of failures go.
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { openChain } from '../../lake/chain.ts'
import { rememberStage } from '../../lake/memo.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { putJson, putObject } from '../../lake/store/objects.ts'
import { deleteGarbage, findGarbage } from '../../lake/upkeep/collect.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import type { CodeParts } from '../../schemas/code.ts'
import { checkpointKey, ledgerChain } from '../../schemas/ids.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins } from './twins.ts'

const DAY_MS = 86_400_000
const plan = aPlan()
const sourceId = sourceOf(plan, '').id

async function lakeWithDataset(changes: Parameters<typeof openTwins>[0] = {}) {
  const clock = { nowMs: 1_700_000_000_000 }
  const store = memoryStore({ now: () => clock.nowMs })
  const twins = openTwins({ store, ...changes })
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  twins.broker.append('demo', 0, demoEvents(120))
  await ingestAll(twins, plan, 'run-1')
  const { snapshot } = (await headSnapshot({ store, source: { id: sourceId } }))!
  const { result: dataset } = await asActivity(() => twins.activities.cleanSnapshot({ plan, snapshot }))
  const collect = () => findGarbage({ store, sourceId, pipeline: plan.name, beforeMs: clock.nowMs - 7 * DAY_MS })
  return { ...twins, store, clock, collect, dataset }
}

const kindsOf = (garbage: readonly { readonly kind: string; readonly key: string }[]) =>
  garbage.map(({ kind, key }) => `${kind} ${key.split('/')[0]}`)

test('a finished run leaves its batch ledger only', async () => {
  const { store, clock, collect } = await lakeWithDataset()
  expect(await collect()).toEqual([])
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toEqual(['ledger ranges'])
  await deleteGarbage(store, await collect())
  expect((await verifyLake(store, { sourceId, pipeline: plan.name })).problems).toEqual([])
  expect(await collect()).toEqual([])
})

test('lists of code stay as long as the record that names them', async () => {
  const parts = (name: string): CodeParts => ({ kind: 'code', modules: { [name]: '1' }, packages: [] })
  const codeParts = { clean: parts('clean.ts'), train: parts('train.ts'), evaluate: parts('evaluate.ts') }
  const { store, clock, collect } = await lakeWithDataset({ codeParts })
  await putJson(store, { kind: 'code', value: codeParts.train })
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toEqual(['unreferenced code', 'ledger ranges'])
  await deleteGarbage(store, await collect())
  const kept = await Array.fromAsync(store.list('code/'))
  expect(kept.map((key) => key.split('/')[2])).toEqual([`${digestOf(codeParts.clean)}.json`])
})

test('parts and models of failed stages go', async () => {
  const { store, clock, collect } = await lakeWithDataset()
  await putObject(store, { kind: 'parts', extension: 'arrow', bytes: Buffer.from('half a clean stage') })
  const weights = await putObject(store, { kind: 'weights', extension: 'bin', bytes: Buffer.from('no card yet') })
  clock.nowMs += 8 * DAY_MS
  await putJson(store, { kind: 'models', value: { kind: 'model', weights } })
  expect(kindsOf(await collect())).toEqual(['unreferenced parts', 'ledger ranges'])
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toEqual([
    'unreferenced models',
    'unreferenced parts',
    'ledger ranges',
    'unreferenced weights',
  ])
})

test('what a ledger names by digest stays', async () => {
  const { store, clock, collect, dataset } = await lakeWithDataset()
  const weights = await putObject(store, { kind: 'weights', extension: 'bin', bytes: Buffer.from('weights') })
  const card = { kind: 'model', dataset: dataset.value.digest, weights }
  const model = await putJson(store, { kind: 'models', value: card })
  const evaluation = await putJson(store, { kind: 'evaluations', value: { kind: 'evaluation' } })
  const change = { kind: 'proposed', model: model.sha256, evaluation: evaluation.sha256 }
  const ledger = openChain({ store, chain: ledgerChain('another') })
  await ledger.append({ commitId: 'c', decide: () => change })
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toEqual(['ledger ranges'])
})

test('checkpoints go when their training ended', async () => {
  const { store, clock, collect } = await lakeWithDataset()
  const inputs = { dataset: 'd', recipe: 'r' }
  for (const each of [digestOf(inputs), digestOf('still training')])
    await store.putIfAbsent(checkpointKey(plan.name, each, 7, 'a'.repeat(64)), Buffer.from('weights'))
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toEqual(['ledger ranges'])
  await rememberStage(store, { pipeline: plan.name, stage: 'train', inputs, output: {} })
  const garbage = await collect()
  expect(garbage.filter(({ kind }) => kind === 'checkpoint').map(({ key }) => key)).toEqual([
    checkpointKey(plan.name, digestOf(inputs), 7, 'a'.repeat(64)),
  ])
})

test('ledgers of other sources stay', async () => {
  const { store, clock, collect } = await lakeWithDataset()
  const range = { topic: 'other', partition: 0, start: 0, end: 1 }
  const segment = { key: 'segments/other-1/0/x.arrow', sha256: 'a', bytes: 1, range, rows: 1 }
  await putJson(store, { kind: 'ranges', value: [{ range, segment, rejects: null, holes: [] }] })
  await putJson(store, { kind: 'ranges', value: [{ range, segment: null, rejects: null, holes: [] }] })
  clock.nowMs += 8 * DAY_MS
  expect(kindsOf(await collect())).toHaveLength(1)
})
