// Puts a model that was live before back into service: choose, check, record, tell the open questions. A decision as an approval is one.
import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  defineUpdate,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import { shortDigest } from '../schemas/ids.ts'
import {
  ROLLBACK_DESCRIPTION,
  ROLLBACK_UPDATE,
  type RollbackInput,
  type RollbackRequest,
  type RollbackResult,
  type RollbackTarget,
} from '../schemas/rollback.ts'
import { attribute } from './attributes.ts'
import type { Read } from './decision.ts'
import { requireRollback } from './input.ts'
import { brief, checker } from './proxies.ts'
import { readRollback } from './rollback-request.ts'
import { tellQuestions } from './tell-questions.ts'

/** How long the page waits for somebody who has not said yet what is to be live. */
const OPEN_FOR = '1 hour'

/**
 * Result: what is live again, with the evidence that it was approved on. Started without a reason it shows what was live before, and
 * waits an hour for the update. Fails with ROLLBACK_REFUSED, or with what keeps the model out of service: then nothing was recorded.
 */
export async function rollback(input: RollbackInput): Promise<RollbackResult> {
  requireRollback(input)
  const { pipeline } = input
  upsertSearchAttributes([attribute('SluicePipeline', pipeline), attribute('SluiceStage', 'promote')])
  let seen = input.replaces
  let result: RollbackResult | null = null
  let isUnderWay = false

  const act = async (request: RollbackRequest): Promise<RollbackResult> => {
    isUnderWay = true
    try {
      result = await carryOut(input, { ...(seen !== undefined && { replaces: seen }), ...request })
      return result
    } finally {
      isUnderWay = false
    }
  }
  const read = (typed: unknown): Read<RollbackRequest> => {
    if (result !== null)
      return { ok: false, why: `${shortDigest(result.model!)} is live again: nothing more to decide` }
    return isUnderWay ? { ok: false, why: 'a rollback is under way: its end is a moment away' } : readRollback(typed)
  }
  let page = ''
  setHandler(
    defineUpdate<RollbackResult, [unknown]>(ROLLBACK_UPDATE),
    async (typed) => {
      try {
        return await act(accepted(read(typed)))
      } catch (error) {
        const refusal = refusalOf(error)
        setCurrentDetails(`# Not rolled back\n\n${refusal.message}\n\n${page}`)
        throw refusal
      }
    },
    { description: ROLLBACK_DESCRIPTION, validator: (typed) => void accepted(read(typed)) },
  )

  if (input.reason !== undefined) return await act(accepted(read(input))).catch(fail)
  const shown = await brief.showRollbacks({ pipeline }).catch(fail)
  seen ??= shown.live
  page = shown.text
  if (result === null && !isUnderWay) setCurrentDetails(page)
  await condition(() => result !== null, OPEN_FOR)
  await condition(allHandlersFinished)
  return result ?? undecided(pipeline)
}

/** Nothing is recorded before the model has answered its golden rows; what is recorded is told, whatever is cancelled then. */
async function carryOut(input: RollbackInput, request: RollbackRequest): Promise<RollbackResult> {
  const { pipeline, plan } = input
  const { to, replaces, reason, by } = request
  const wanted = { pipeline, ...(to !== undefined && { to }), ...(replaces !== undefined && { replaces }) }
  const target = await brief.planRollback(wanted)
  setCurrentDetails(`# Checks \`${shortDigest(target.model)}\` before it goes live again\n\n${evidenceWords(target)}`)
  await checker.checkModel({ pipeline, model: target.model, ...(plan !== undefined && { plan }) })
  // an activity that ends well all the same does not undo what somebody has asked for meanwhile
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled before it was recorded')
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId, firstExecutionRunId } = workflowInfo()
    const open = await brief.recordRollback({
      pipeline,
      model: target.model,
      replaces: target.replaces,
      by,
      reason,
      at: new Date().toISOString(),
      commitId: `${workflowId}/${firstExecutionRunId}/${target.model}`,
    })
    const headline = `\`${shortDigest(target.model)}\` is live again instead of \`${shortDigest(target.replaces)}\``
    setCurrentDetails(`# ${headline}: ${reason} (${by})\n\n${evidenceWords(target)}`)
    const why = `${by} rolled back from ${shortDigest(target.replaces)} to ${shortDigest(target.model)}: ${reason}`
    await tellQuestions(open, { champion: target.model, why })
    const { model, evidence } = target
    const asked = open.map((each) => each.model)
    return { state: 'rolled back', pipeline, model, replaces: target.replaces, by, reason, evidence, asked }
  })
}

function evidenceWords({ approved: { by, reason, at, version }, evidence }: RollbackTarget): string {
  const approval = `Approved by ${by} at ${at} (entry ${version})${reason === '' ? '' : `: ${reason}`}.`
  if (evidence === null) return `${approval} Its evaluation is not in the store any more.`
  const metrics = Object.entries(evidence.metrics).map(([name, value]) => `- ${name} ${value}`)
  return [approval, `**${evidence.verdict}** then, on ${evidence.rows} test rows:`, metrics.join('\n')].join('\n\n')
}

function undecided(pipeline: string): RollbackResult {
  const reason = `nobody decided within ${OPEN_FOR}`
  const nothing = { model: null, replaces: null, evidence: null, asked: [] }
  return { state: 'nobody decided', pipeline, ...nothing, by: 'sluice', reason }
}

function accepted(read: Read<RollbackRequest>): RollbackRequest {
  if (read.ok) return read.value
  const refusal = ApplicationFailure.nonRetryable(read.why, 'ROLLBACK_REFUSED')
  refusal.stack = '' // the UI would print it, file paths included, under the message
  throw refusal
}

/** The failure of the catalogue, so that a person reads its words and not those of an activity. */
function refusalOf(error: unknown): Error {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure)) return error as Error
  const { message, type, details } = cause
  const refusal = ApplicationFailure.create({
    message,
    ...(type != null && { type }),
    nonRetryable: true,
    details: details ?? [],
  })
  refusal.stack = ''
  return refusal
}

function fail(error: unknown): never {
  throw isCancellation(error) ? error : refusalOf(error)
}
