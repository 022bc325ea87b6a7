// A question made again from the store alone.
import { expect, test } from 'vitest'
import { appendLedger } from '../../../lake/ledger.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { questionFromStore } from '../../../stages/promote/question-from-store.ts'
import { aPlan } from '../../workflows/builders.ts'
import { storeCandidate } from './stored-candidate.ts'

const plan = aPlan({ name: 'demo' })

test('the question holds what its workflow was given', async () => {
  const store = memoryStore()
  const { candidate, evaluation } = await storeCandidate(store, { pipeline: 'demo' })
  const question = await questionFromStore(store, { plan, candidate })
  expect(question).toMatchObject({
    plan,
    model: { digest: candidate, sha256: candidate, pipeline: 'demo', epochs: 3, validationLoss: 0.25 },
    evaluation: { sha256: evaluation, candidate, champion: null, verdict: 'PASS', gates: [{ name: 'accuracy ≥ 0.9' }] },
  })
  expect(question.model.bytes).toBeGreaterThan(100)
  expect(question.summary).toContain(`"candidateDigest": "${candidate.slice(0, 12)}"`)
  expect(question.summary).not.toContain('snapshot')
})

test('what does not wait is not asked about', async () => {
  const store = memoryStore()
  const { candidate } = await storeCandidate(store, { pipeline: 'demo' })
  await appendLedger(store, {
    pipeline: 'demo',
    commitId: 'end',
    decide: () => ({ kind: 'expired', model: candidate, reason: 'nobody', at: '2026-01-03T03:04:05.000Z' }),
  })
  await expect(questionFromStore(store, { plan, candidate })).rejects.toMatchObject({
    code: 'NOTHING_TO_DECIDE',
    facts: { found: 'expired' },
  })
})

test('a candidate whose objects are gone is named', async () => {
  const store = memoryStore()
  const candidate = 'c'.repeat(64)
  await appendLedger(store, {
    pipeline: 'demo',
    commitId: 'proposal',
    decide: () => ({
      kind: 'proposed',
      model: candidate,
      evaluation: 'e'.repeat(64),
      workflowId: 'w',
      at: '2026-01-03',
    }),
  })
  await expect(questionFromStore(store, { plan, candidate })).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
})
