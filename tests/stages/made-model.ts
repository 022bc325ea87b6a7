// A model that was made from events of the memory broker, with the real stages in this process: what looking back looks at.
import { readRuns } from '../../lake/runs/find-run.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import type { CodeParts } from '../../schemas/code.ts'
import type { Plan } from '../../schemas/plan.ts'
import { runEvaluateJob } from '../../stages/evaluate/evaluate-job.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { runTrainJob } from '../../stages/train/train-job.ts'
import { asActivity, demoEvents, ingestAll, openTwins, type Twins } from '../activities/twins.ts'
import { aPlan } from '../workflows/builders.ts'

export const PLAN = aPlan({
  rules: [
    { name: 'x is small', action: 'quarantine', unless: { check: 'between', column: 'x', low: -9.9, high: 9.9 } },
  ],
})

const parts = (modules: CodeParts['modules']): CodeParts => ({ kind: 'code', modules, packages: [] })
/** Of two versions of the code: one file of training differs. */
export const CODE = {
  before: code('train-1', { 'ml/training/loop.ts': '1', 'core/random.ts': '1' }),
  after: code('train-2', { 'ml/training/loop.ts': '2', 'core/random.ts': '1' }),
}

function code(train: string, modules: CodeParts['modules']) {
  return {
    code: { clean: 'clean-1', train, evaluate: 'evaluate-1' },
    codeParts: { clean: parts({}), train: parts(modules), evaluate: parts({}) },
  }
}

/** Twins whose trainer works in this process, on plain JavaScript. */
export function openMaker(changes: Parameters<typeof openTwins>[0] = {}): Twins {
  const twins: Twins = openTwins({
    ...CODE.before,
    backend: 'cpu',
    runTrainer: async (job) => {
      const context = { store: twins.store, emit: () => {} }
      if (job.job === 'check') throw new Error('nothing is rolled back in this test')
      return job.job === 'train'
        ? { type: 'trained', model: await runTrainJob(job, context) }
        : { type: 'evaluated', evaluation: await runEvaluateJob(job, context) }
    },
    ...changes,
  })
  return twins
}

/** Events 0 … 299 in two commits, the first of them twice, one that does not decode. */
export async function sendEvents({ broker }: Twins, from = 0, count = 300): Promise<void> {
  if (from === 0) await broker.createTopic({ topic: 'demo', partitions: 1 })
  const events = [...demoEvents(count, from), ...demoEvents(1), { key: 'p', value: '{', timestamp: 1 }]
  broker.append('demo', 0, events)
}

/** What a run does but for asking a person. */
export async function makeModel(twins: Twins, plan: Plan = PLAN, commitId = 'run-0'): Promise<void> {
  const { activities } = twins
  const { ranges } = await activities.planIngest({ plan })
  const head = await headSnapshot({ store: twins.store, source: sourceOf(plan, '') })
  const snapshot = ranges.length > 0 ? await ingestAll(twins, plan, commitId) : head!.snapshot
  const { value: dataset } = (await asActivity(() => activities.cleanSnapshot({ plan, snapshot: snapshot! }))).result
  const { value: model } = (await asActivity(() => activities.trainModel({ plan, dataset }))).result
  await asActivity(() => activities.evaluateCandidate({ plan, dataset, model, champion: null }))
}

export const runsOf = (store: Store) => readRuns(store, PLAN.name)
