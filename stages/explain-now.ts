// What a run now would do with what is in the lake: which stages are done already, and what of the others differs. It only reads.
import { type StageRecord, stageRecordOf } from '../lake/memo.ts'
import { type ExplainedStage, outputOf } from '../lake/runs/explain-run.ts'
import { explainStage, type StageNow } from '../lake/runs/explain-stage.ts'
import type { PipelineRuns } from '../lake/runs/find-run.ts'
import type { VersionedStage } from '../lake/runs/made-runs.ts'
import { headSnapshot, snapshotSegments } from '../lake/snapshots/snapshots.ts'
import type { Store } from '../lake/store/store.ts'
import { recipeOf, settingsOf } from '../plan/recipe.ts'
import type { CodeParts } from '../schemas/code.ts'
import type { DatasetRef } from '../schemas/dataset.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { BackendName, ModelRef } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import { sourceOf } from './ingest/source.ts'
import { cleanInputs, evaluateInputs, trainInputs } from './stage-inputs.ts'
import { startModel } from './train/start-model.ts'

export interface ExplainNow {
  readonly plan: Plan
  readonly runs: PipelineRuns
  readonly code: Readonly<Record<VersionedStage, string>>
  readonly codeParts: Readonly<Record<VersionedStage, CodeParts>>
  readonly backend: BackendName | undefined
}

export interface Now {
  /** null: nothing is in the lake */
  readonly snapshot: SnapshotRef | null
  readonly stages: readonly ExplainedStage[]
}

/** An input that only a stage before it can tell: it differs from every other. */
const NOT_MADE_YET = 'another one, unless it comes out the same'

export async function explainNow(store: Store, { plan, runs, code, codeParts, backend }: ExplainNow): Promise<Now> {
  const head = await headSnapshot({ store, source: sourceOf(plan, '') })
  if (head === null) return { snapshot: null, stages: [] }
  const { snapshot } = head
  const files = await snapshotSegments({ store, snapshot })
  const look = lookingUp(store, { plan, runs, codeParts })

  const { rows, rejects, source } = snapshot
  const data = { source, coverage: files.coverage, records: rows + rejects, rejects }
  const clean = await look<DatasetRef>('clean', cleanInputs({ files, snapshot, code: code.clean }), data)
  const dataset = clean.record?.output.digest ?? NOT_MADE_YET

  const known = { plan, dataset, code: code.train }
  const start = clean.record === null ? runs.champion : await startModel(store, known)
  const train = await look<ModelRef>('train', trainInputs({ ...known, backend, start }))
  const model = train.record?.output.digest ?? NOT_MADE_YET
  if (model === runs.champion) return { snapshot, stages: [clean.told, train.told, notJudged] }

  const judged = { dataset, model, champion: runs.champion, code: code.evaluate }
  const evaluate = await look<unknown>('evaluate', evaluateInputs(judged))
  return { snapshot, stages: [clean.told, train.told, evaluate.told] }
}

/** The candidate is live already: there is nothing to judge. */
const notJudged: ExplainedStage = { stage: 'evaluate', state: 'missing', output: null, comparedWith: null, differs: [] }

function lookingUp(store: Store, { plan, runs, codeParts }: Pick<ExplainNow, 'plan' | 'runs' | 'codeParts'>) {
  return async <T>(stage: VersionedStage, given: Readonly<Record<string, string>>, data?: StageNow['data']) => {
    const inputs = { ...given, recipe: recipeOf(plan)[stage] }
    const record = await stageRecordOf<T>(store, { pipeline: plan.name, stage, inputs })
    const recipe = settingsOf(plan)[stage]
    return { record, told: await tell(record, { inputs, recipe, codeParts: codeParts[stage], data }) }

    async function tell(found: StageRecord<T> | null, now: StageNow): Promise<ExplainedStage> {
      if (found !== null) {
        return { stage, state: 'reused', output: outputOf(found), comparedWith: found.at ?? null, differs: [] }
      }
      return { stage, state: 'would be done', output: null, ...(await explainStage(store, now, runs.records[stage])) }
    }
  }
}
