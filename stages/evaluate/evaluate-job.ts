// The trainer's job 'evaluate': candidate and champion answer the same test rows, each through its own transform; then they are judged.
import { concatenate } from '../../core/concatenate.ts'
import { deriveSeed } from '../../core/random.ts'
import { alignOutputs } from '../../judge/compare.ts'
import { judge } from '../../judge/evaluate.ts'
import { putJson, readJson, readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { labelsOf } from '../../ml/features/labels.ts'
import { type CompiledTransform, compileTransform } from '../../ml/features/transform.ts'
import type { PassesWish } from '../../ml/model/choose-passes.ts'
import { loadModel, type Model } from '../../ml/model/model.ts'
import { charactersOf, documentAnswers } from '../../ml/text/document-answers.ts'
import type { Tf } from '../../ml/tf.ts'
import { type Column, type Columns, isValid } from '../../schemas/columns.ts'
import type { DatasetManifest, Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TrainerJob } from '../../schemas/trainer.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import { readParts } from '../train/read-parts.ts'
import type { JobContext } from '../train/train-job.ts'
import { evaluationRef } from './evaluation-ref.ts'

export type EvaluateJob = Extract<TrainerJob, { job: 'evaluate' }>

/** How a missing value of a `within` column is called. */
const MISSING = '(missing)'

interface Contestant {
  readonly digest: string
  readonly card: ModelCard
  readonly model: Model
  readonly transform: CompiledTransform
}

/** Judges the candidate on the dataset's test rows and stores the evaluation. */
export async function runEvaluateJob(
  job: EvaluateJob,
  { store, emit, ...context }: JobContext,
): Promise<EvaluationRef> {
  const { plan, dataset, champion } = job
  const manifest = await readJson<DatasetManifest>(store, dataset)
  const { tf, info } = await openBackend({ prefer: job.backend ?? context.backend, device: 'any' })
  const rows = manifest.parts.test.reduce((sum, part) => sum + part.rows, 0)
  const open = (model: { key: string; digest: string }) =>
    contestant(store, tf, { ...model, wish: { backend: info, purpose: 'judge', rows, forceEager: context.forceEager } })
  const candidate = await open(job.model)
  const rival = champion === null ? null : await open(champion)
  const { engine } = candidate.model
  emit({ type: 'started', backend: info, engine, fromStep: 0, steps: manifest.parts.test.length, rows })

  const contestants = rival === null ? [candidate] : [candidate, rival]
  const { outputs, labels, slices } = await answersOf(readParts(store, manifest.parts.test), plan, contestants)
  const evaluation = judge({
    plan,
    candidate: { digest: candidate.digest, outputs: outputs[0]! },
    champion: rival === null ? null : { digest: rival.digest, outputs: outputs[1]! },
    labels,
    slices,
    dataset: dataset.digest,
    seed: deriveSeed(plan.train.seed, 'evaluate'),
  })
  return evaluationRef(await putJson(store, { kind: 'evaluations', value: evaluation }), evaluation)
}

/** The model of a card, every byte verified against the digests that the card holds. */
async function contestant(
  store: Store,
  tf: Tf,
  { key, digest, wish }: { key: string; digest: string; wish: PassesWish },
): Promise<Contestant> {
  const card = await readJson<ModelCard>(store, { key, sha256: digest })
  const model = await loadModel(tf, await readObject(store, card.weights), undefined, wish)
  const transform = compileTransform(await readJson<Transform>(store, card.transform))
  return { digest, card, model, transform }
}

/** What each contestant answers for each row, in the plan's classes; the true labels; the values that slice the rows. */
async function answersOf(
  parts: AsyncIterable<Columns>,
  plan: Plan,
  contestants: readonly Contestant[],
): Promise<{ outputs: Float32Array[]; labels: Float32Array; slices: Record<string, string[]> }> {
  const outputs = contestants.map((): Float32Array[] => [])
  const labels: Float32Array[] = []
  const slices = Object.fromEntries(slicedBy(plan).map((column): [string, string[]] => [column, []]))
  for await (const part of parts) {
    labels.push(plan.predict.task === 'next' ? charactersOf(part, plan.predict.column) : labelsOf(part, plan.predict))
    for (const [column, values] of Object.entries(slices)) appendValues(values, part, column)
    contestants.forEach((contestant, c) => {
      const { digest, card } = contestant
      const answers = answersFor(part, contestant)
      outputs[c]!.push(alignOutputs(answers, { model: shortDigest(digest), from: card.predict, to: plan.predict }))
    })
  }
  return { outputs: outputs.map(concatenate), labels: concatenate(labels), slices }
}

/** Next tokens: three numbers per document. Else what the model says of each row. */
function answersFor(part: Columns, { model, transform }: Contestant): Float32Array {
  const { text } = model
  const { tokens } = transform
  return text !== null && tokens !== null
    ? documentAnswers(text, tokens, part)
    : model.predict(transform.applyColumns(part))
}

/** The columns that gates look within. */
function slicedBy({ gates }: Plan): string[] {
  return [...new Set(gates.flatMap(({ within }) => (within === undefined ? [] : [within])))]
}

function appendValues(values: string[], part: Columns, name: string): void {
  const column = part.byName[name]
  for (let row = 0; row < part.rows; row++) {
    values.push(column !== undefined && isValid(column.valid, row) ? textOf(column, row) : MISSING)
  }
}

function textOf(column: Column, row: number): string {
  switch (column.type) {
    case 'dictionary':
      return column.dictionary[column.codes[row]!]!
    case 'bool':
      return column.values[row] === 1 ? 'true' : 'false'
    default:
      throw failure('GATE_INVALID', { gate: 'within', expected: 'a category or a flag', found: column.type })
  }
}
