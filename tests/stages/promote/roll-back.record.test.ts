// A rollback's entry: exactly one or none, whatever the store answers and whoever else decides, and the answer says which.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import { readLedger } from '../../../lake/ledger.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import { planRollback, recordRollback } from '../../../stages/promote/roll-back.ts'
import { describeRollbacks } from '../../../stages/promote/rollback-page.ts'
import { faultyStore, lost, ownExists, resetAfterSuccess, untouched } from '../../lake/faulty-store.ts'
import { promoteModel } from '../../lake/promote-model.ts'

const [a, b, c] = ['a', 'b', 'c'].map(sha256) as [string, string, string]
const pipeline = 'p'
const record = (commitId = 'mine') => ({
  pipeline,
  model: a,
  replaces: b,
  by: 'ada',
  reason: 'bad answers',
  at: '2026-03-01T12:00:00.000Z',
  commitId,
})

async function twoModels(): Promise<Store> {
  const store = memoryStore()
  for (const model of [a, b]) await promoteModel(store, { pipeline, model })
  return store
}

const backs = async (store: Store) =>
  (await readLedger(store, pipeline)).entries.filter(({ change }) => change.kind === 'rolledBack')

test('a rollback is an entry of its own kind', async () => {
  const store = await twoModels()
  await recordRollback(store, record())
  expect((await readLedger(store, pipeline)).state).toMatchObject({ champion: a, previous: [a, b] })
  const { commitId: _, pipeline: __, ...change } = record()
  expect((await backs(store)).map((entry) => entry.change)).toEqual([
    { kind: 'rolledBack', ...change, identity: 'stated' },
  ])
})

test('one whose champion changed meanwhile is refused, and nothing is written', async () => {
  const store = await twoModels()
  await promoteModel(store, { pipeline, model: c })
  await expect(recordRollback(store, record())).rejects.toMatchObject({
    code: 'ROLLBACK_REFUSED',
    message: expect.stringContaining(`live is now ${c.slice(0, 12)} (approved by a test`),
  })
  expect(await backs(store)).toEqual([])
})

test('the ledger holds the decision once or not at all, as is answered', { timeout: 60_000 }, async () => {
  const faults = fc.array(fc.constantFrom(untouched, lost, resetAfterSuccess, ownExists), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(faults, fc.nat(3), fc.boolean(), async (puts, attempts, isRaced) => {
      const real = await twoModels()
      let count = 0
      const store = faultyStore(real, { put: (put, ...call) => (puts[count++] ?? untouched)(put, ...call) })
      const rival = isRaced ? promoteModel(real, { pipeline, model: c }) : Promise.resolve()
      // Temporal tries an activity again that ended without an answer
      let answer: 'done' | 'refused' | 'unknown' = 'unknown'
      for (let attempt = 0; attempt <= attempts && answer === 'unknown'; attempt++)
        answer = await recordRollback(store, record()).then(
          () => 'done' as const,
          (error) => (error.code === 'ROLLBACK_REFUSED' ? 'refused' : 'unknown'),
        )
      await rival
      const { entries } = await readLedger(real, pipeline)
      const mine = entries.filter(({ commitId }) => commitId === 'mine')
      expect(mine.length).toBeLessThanOrEqual(1)
      if (answer !== 'unknown') expect(mine.length).toBe(answer === 'done' ? 1 : 0)
    }),
  )
})

test('of two at once one stands, and the other is told', async () => {
  const store = await twoModels()
  const both = await Promise.allSettled([recordRollback(store, record('one')), recordRollback(store, record('other'))])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'ROLLBACK_REFUSED', message: expect.stringContaining('rolled back to by ada') },
  })
  expect(await backs(store)).toHaveLength(1)
})

test('the evidence of the target is shown, or that it is gone', async () => {
  const store = memoryStore()
  const value = { kind: 'evaluation', verdict: 'PASS', rows: 1_234, metrics: { accuracy: 0.9876 } }
  const { sha256: evaluation } = await putJson(store, { kind: 'evaluations', value })
  await promoteModel(store, { pipeline, model: a, evaluation })
  await promoteModel(store, { pipeline, model: b })
  expect(await planRollback(store, { pipeline })).toMatchObject({
    model: a,
    replaces: b,
    approved: { by: 'a test', version: 1 },
    evidence: { verdict: 'PASS', rows: 1_234, metrics: { accuracy: 0.9876 } },
  })
  const { live, text } = await describeRollbacks(store, pipeline)
  expect(live).toBe(b)
  expect(text).toContain(`\`${a.slice(0, 12)}\` (entry 1), approved by a test`)
  expect(text).toContain('PASS on 1,234 test rows, accuracy 0.9876')
  expect(text).toContain(`"to": "${a.slice(0, 12)}"`)
  await recordRollback(store, record())
  expect((await planRollback(store, { pipeline, to: b })).evidence).toBeNull()
  const after = (await describeRollbacks(store, pipeline)).text
  expect(after).toContain('rolled back to by ada (bad answers)')
  expect(after).toContain('its evaluation is not in the store any more; **it was rolled back**')
})
