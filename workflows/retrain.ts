// One run of a pipeline: ingest → clean → train → evaluate → ask a person. At most one at a time per pipeline.
import {
  allHandlersFinished,
  ContinueAsNew,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  log,
  setHandler,
} from '@temporalio/workflow'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { isDecided } from '../schemas/ledger.ts'
import { RETRAIN_TRIGGER_SIGNAL, type RetrainInput, type RetrainResult } from '../schemas/run.ts'
import { attribute } from './attributes.ts'
import { catchUp, type Ingested, totalsOf } from './catch-up.ts'
import { readTrigger, requirePlan } from './input.ts'
import { type Journal, keepJournal } from './journal.ts'
import { type Promotion, startPromotion } from './promotion.ts'
import { brief, cleaner, trainerFor } from './proxies.ts'

/** What a run found, before it is joined with who asked for it. */
type Findings = Omit<RetrainResult, 'pipeline' | 'reason' | 'stages'>

/**
 * Result: references and numbers of every stage, and what became of the candidate. A failed gate is a normal result.
 * Triggers that arrive after the topic was last looked at start exactly one successor, also when this run fails.
 */
export async function retrain(input: RetrainInput): Promise<RetrainResult> {
  requirePlan('retrain', input)
  const journal = keepJournal(input.plan)
  const triggers = collectTriggers(input.plan, journal.refuse)
  let findings: Findings
  try {
    findings = await learn(input, triggers, journal)
  } catch (error) {
    const next = triggers.latest()
    if (next === undefined || isCancellation(error) || error instanceof ContinueAsNew) throw error
    log.error('the run failed; a trigger that waits starts the next one', { error })
    return await continueAsNew<typeof retrain>(next)
  }
  await condition(allHandlersFinished)
  const next = triggers.latest()
  if (next !== undefined) return await continueAsNew<typeof retrain>(next)
  return { pipeline: input.plan.name, reason: input.reason, ...findings, stages: journal.stages }
}

async function learn(input: RetrainInput, triggers: Triggers, journal: Journal): Promise<Findings> {
  const { plan, before } = input
  const ingested = await journal.stage(
    'ingest',
    () => catchUp(plan, { before, beforePlanning: triggers.covered, onProgress: journal.detail }),
    aboutIngest,
  )
  if (ingested.more) return await continueAsNew<typeof retrain>(continued(input, ingested, triggers.latest()))
  const { snapshot } = ingested
  const found = { ...NOTHING, snapshot, ingested: ingested.ranges }
  if (snapshot === null) return close(journal, { ...found, outcome: 'nothing to learn from' })

  const dataset = await journal.stage('clean', () => cleaner.cleanSnapshot({ plan, snapshot }), withRows)
  const trainer = trainerFor(plan.train.device)
  const model = await journal.stage('train', () => trainer.trainModel({ plan, dataset: dataset.value }), plain)
  const candidate = model.value

  const { champion, last, decided } = await brief.readStanding({ pipeline: plan.name, candidate: candidate.digest })
  const trained = { ...found, dataset: dataset.value, candidate, champion: champion?.digest ?? null }
  if (champion?.digest === candidate.digest) return close(journal, { ...trained, outcome: 'nothing new' })

  const job = { plan, dataset: dataset.value, model: candidate, champion }
  const { value: evaluation } = await journal.stage('evaluate', () => trainer.evaluateCandidate(job), plain)
  const judged = { ...trained, evaluation }
  if (evaluation.verdict === 'FAIL') return close(journal, { ...judged, outcome: 'gates failed' })
  const again = input.askAgain === true && last === 'rejected'
  if (isDecided(last) && !again)
    return close(journal, { ...judged, outcome: 'already decided', ...(decided !== undefined && { decided }) })

  const promotion = await journal.stage(
    'promote',
    () => startPromotion({ plan, snapshot, model: candidate, evaluation, ...(again && { again }) }),
    (promotion) => aboutPromotion(plan, promotion),
  )
  // decided, and the run was reset to before it asked
  if (promotion.ended !== null) return close(journal, { ...judged, outcome: 'already decided' })
  return close(journal, { ...judged, outcome: 'waiting for approval', promotion: promotion.workflowId })
}

/** A trigger with this plan is answered by going on; one with another plan is newer than this run. */
function continued(input: RetrainInput, ingested: Ingested, next: RetrainInput | undefined): RetrainInput {
  if (next !== undefined && next.plan.fingerprint !== input.plan.fingerprint) return next
  return { ...input, before: totalsOf(ingested) }
}

const NOTHING = { dataset: null, candidate: null, evaluation: null, champion: null, promotion: null } as const

function close(journal: Journal, findings: Findings): Findings {
  const { evaluation, candidate, decided } = findings
  journal.close([findings.outcome, ...(decided === undefined ? [] : [decided])].join(': '), [
    ...(candidate === null ? [] : [attribute('SluiceCandidate', candidate.digest)]),
    ...(evaluation === null ? [] : [attribute('SluiceVerdict', evaluation.verdict)]),
  ])
  return findings
}

function aboutIngest({ snapshot, ranges, rows, rejects }: Ingested) {
  if (snapshot === null) return { reused: true, why: 'the topic holds no records', rows: 0 }
  if (ranges.length === 0) return { reused: true, why: `no records beyond snapshot ${snapshot.version}`, rows: 0 }
  const poison = rejects === 0 ? '' : `, ${rejects} of them did not decode`
  return {
    reused: false,
    why: `${rows + rejects} new records${poison}: snapshot ${snapshot.version}`,
    rows: rows + rejects,
  }
}

function aboutPromotion({ approval }: Pick<RetrainInput['plan'], 'approval'>, { asked, ended }: Promotion) {
  if (ended !== null) return { reused: true, why: `the question is closed: ${ended.state}` }
  return { reused: !asked, why: asked ? `${approval.ask} are asked` : 'the question is already open' }
}

function plain({ reused, why }: { reused: boolean; why: string }) {
  return { reused, why }
}

function withRows(outcome: { reused: boolean; why: string; value: { accounting: { in: number } } }) {
  return { ...plain(outcome), rows: outcome.value.accounting.in }
}

/** Triggers that arrive while a run goes on: however many they are, they start one successor. */
interface Triggers {
  /** Forgets what a look at the topic right now answers: every trigger that asks for this very plan. */
  covered(): void
  /** the newest trigger that is still to be answered */
  latest(): RetrainInput | undefined
}

/** Listens from here on; signals that came before are delivered at once. */
function collectTriggers(plan: CarriedPlan, refuse: (why: string) => void): Triggers {
  let waiting: RetrainInput[] = []
  setHandler(
    defineSignal<[unknown]>(RETRAIN_TRIGGER_SIGNAL),
    (typed) => {
      const trigger = readTrigger(plan, typed)
      if (trigger.ok) waiting.push(trigger.value)
      else refuse(trigger.why)
    },
    { description: 'Asks for another run after this one; many count as one' },
  )
  return {
    covered() {
      // a run that is asked for a question does what this one does not
      waiting = waiting.filter(({ askAgain, plan: { fingerprint } }) => askAgain || fingerprint !== plan.fingerprint)
    },
    latest: () => waiting.at(-1),
  }
}
