// Two candidates at once, and a champion that changes under an open question: what is asked is judged against what is live.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PromoteResult, QuestionStatus } from '../../schemas/approval.ts'
import { failure } from '../../schemas/failures.ts'
import { promoteWorkflowId, rollbackWorkflowId } from '../../schemas/ids.ts'
import type { Verdict } from '../../schemas/verdict.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { aModel, anEvaluation, aPlan, aQuestion } from './builders.ts'
import { aName, currentDetails, openVerbStage, type VerbStage } from './verbs.ts'

/** pipelines whose candidates cannot be judged again */
const broken = new Set<string>()
let stage: VerbStage
beforeAll(async () => {
  stage = await openVerbStage({
    evaluateCandidate: async ({ plan, model, champion }) => {
      if (broken.has(plan.name)) throw failure('OBJECT_MISSING', { key: 'datasets/aa' })
      return { value: anEvaluation('PASS', model, champion?.digest ?? null), reused: false, why: 'first run' }
    },
  })
})
afterAll(async () => await stage.close())

interface Candidate {
  readonly accuracy?: number
  readonly verdict?: Verdict
  readonly champion?: string | null
}

async function ask(name: string, { accuracy = 0.93, verdict = 'PASS', champion = null }: Candidate = {}) {
  const model = aModel(aName(), name)
  const evaluation = { ...anEvaluation(verdict, model, champion), metrics: { accuracy } }
  const workflowId = promoteWorkflowId(name, model.digest)
  const args = [aQuestion({ plan: aPlan({ name }), model, evaluation })]
  const handle = await stage.client.workflow.start('promote', { taskQueue: stage.queue, workflowId, args })
  await expect.poll(async () => Object.keys((await stage.ledger(name)).open)).toContain(model.digest)
  const send = (decision: object) =>
    handle.executeUpdate<PromoteResult, [unknown]>('decide', { args: [{ candidateDigest: model.digest, ...decision }] })
  return {
    handle,
    digest: model.digest,
    short: model.digest.slice(0, 12),
    approve: () => send({ decision: 'approve', by: 'Ada', reason: 'good' }),
    reject: () => send({ decision: 'reject', reason: 'no' }),
    refusal: () =>
      send({ decision: 'approve', reason: 'good' }).then(
        () => 'accepted',
        (error) => (error.cause as Error).message,
      ),
    page: () => currentDetails(handle),
    question: () => handle.query<QuestionStatus>('question'),
    result: () => handle.result() as Promise<PromoteResult>,
  }
}

test('an older candidate that is better stays decidable', async () => {
  const name = aName()
  const older = await ask(name, { accuracy: 0.95 })
  const newer = await ask(name, { accuracy: 0.94 })
  await expect.poll(older.page).toContain(`A newer candidate waits as well: \`${newer.short}\``)
  expect(await older.page()).toContain('This one is better (accuracy 0.95 here, 0.94 there), so it stays decidable.')
  expect(Object.keys((await stage.ledger(name)).open)).toEqual([older.digest, newer.digest])
  expect(await older.approve()).toMatchObject({ state: 'approved' })
  expect((await stage.ledger(name)).champion).toBe(older.digest)
  await expect.poll(async () => (await newer.question()).champion).toBe(older.digest)
  await newer.handle.terminate()
})

test.each([
  ['an equal one', {}, 'and at least as good (accuracy 0.93 here, 0.93 there)'],
  ['a better one', { accuracy: 0.94 }, 'and at least as good (accuracy 0.93 here, 0.94 there)'],
])('%s takes its place, and says why', async (_what, candidate, words) => {
  const name = aName()
  const older = await ask(name)
  const newer = await ask(name, candidate)
  expect(await older.result()).toMatchObject({
    state: 'superseded',
    reason: `candidate ${newer.short} is newer, ${words}`,
  })
  await newer.handle.terminate()
})

test('a verdict counts more than a number', async () => {
  const name = aName()
  const older = await ask(name, { accuracy: 0.9 })
  const newer = await ask(name, { accuracy: 0.99, verdict: 'INCONCLUSIVE' })
  await expect.poll(older.page).toContain('(PASS here, INCONCLUSIVE there)')
  await older.handle.terminate()
  await newer.handle.terminate()
})

test('after the newer was approved, the older is judged against it', async () => {
  const name = aName()
  const older = await ask(name, { accuracy: 0.95 })
  const newer = await ask(name, { accuracy: 0.94 })
  await expect.poll(older.page).toContain('A newer candidate waits')
  const judging = stage.hold(name, 'evaluateCandidate')
  await newer.approve()
  await judging.reached
  expect(await older.page()).toContain(`Ada approved ${newer.short}`)
  expect(await older.refusal()).toContain(
    'It is judged again, against the live model; until then it cannot be approved.',
  )
  judging.release()
  await expect.poll(older.page).toContain('Judged again, against the live model')
  expect(await older.question()).toMatchObject({ state: 'open', champion: newer.digest })
  expect(await older.approve()).toMatchObject({ state: 'approved' })
  expect(await stage.ledger(name)).toMatchObject({ champion: older.digest, previous: [newer.digest] })
})

async function rolledBackUnder(name: string) {
  const [first, second] = ['first', 'second'].map((each) => aModel(`${name} ${each}`).digest) as [string, string]
  for (const model of [first, second]) await promoteModel(stage.store, { pipeline: name, model })
  const candidate = await ask(name, { champion: second })
  const judging = stage.hold(name, 'evaluateCandidate')
  const input = { pipeline: name, reason: 'bad answers', by: 'Bo' }
  const options = { taskQueue: stage.queue, workflowId: rollbackWorkflowId(name), args: [input] }
  const rolledBack = await (await stage.client.workflow.start('rollback', options)).result()
  return { candidate, first, judging, rolledBack }
}

test('a rollback has open questions judged again', async () => {
  const name = aName()
  const { candidate, first, judging, rolledBack } = await rolledBackUnder(name)
  expect(rolledBack).toMatchObject({ asked: [candidate.digest] })
  await judging.reached
  expect(await candidate.page()).toContain('Bo rolled back from')
  expect(await candidate.refusal()).toContain('Bo rolled back from')
  judging.release()
  await expect.poll(async () => (await candidate.question()).champion).toBe(first)
  expect(await candidate.approve()).toMatchObject({ state: 'approved' })
})

test('while it is judged again it can be rejected', async () => {
  const { candidate, judging } = await rolledBackUnder(aName())
  await judging.reached
  expect(await candidate.reject()).toMatchObject({ state: 'rejected' })
  judging.release()
})

test('what cannot be judged again cannot be approved, and says so', async () => {
  const name = aName()
  broken.add(name)
  const { candidate, judging } = await rolledBackUnder(name)
  judging.release()
  await expect.poll(candidate.page).toContain('could not be judged again (object datasets/aa')
  expect(await candidate.refusal()).toContain(`\`sluice run ${name}\` for a candidate of today`)
  expect(await candidate.reject()).toMatchObject({ state: 'rejected' })
})
