// Judges a candidate on held-out rows: metrics, gates overall and per slice, and one verdict. Pure.
import { strict as assert } from 'node:assert'
import { deriveSeed } from '../core/random.ts'
import { failure } from '../schemas/failures.ts'
import type { GateSpec, Plan } from '../schemas/plan.ts'
import { combineVerdicts, type Evaluation } from '../schemas/verdict.ts'
import type { Answers } from './estimator.ts'
import { type GateCase, gateName, judgeGate } from './gates.ts'
import { classReport, metricsOf } from './metrics.ts'

/** A model and what it answered for the rows: [rows] P(true) or value, or [rows × classes] probabilities. */
export interface JudgedModel {
  readonly digest: string
  readonly outputs: Float32Array
}

export interface JudgeInput {
  readonly plan: Pick<Plan, 'name' | 'columns' | 'predict' | 'gates' | 'alpha'>
  readonly candidate: JudgedModel
  /** null: nothing is live yet */
  readonly champion: JudgedModel | null
  /** [rows] class index, 0 or 1, or value */
  readonly labels: Float32Array
  /** raw values of every column that a gate slices by, one per row */
  readonly slices: Readonly<Record<string, readonly string[]>>
  /** digest of the dataset that the rows are from */
  readonly dataset: string
  /** of the bootstrap; the same input gives the same evaluation */
  readonly seed: number
}

/**
 * plan.alpha is shared equally by all results that rest on an interval. FAIL of any gate fails the candidate; without a
 * FAIL any INCONCLUSIVE is put to the approver. Throws GATE_INVALID and MODEL_INVALID (an output that is not finite).
 */
export function judge(input: JudgeInput): Evaluation {
  const { plan, labels, dataset, seed } = input
  const rows = labels.length
  const candidate = answersOf(input, input.candidate)
  const champion = input.champion === null ? null : answersOf(input, input.champion)
  const cases = plan.gates.flatMap((gate) => casesOf(gate, candidate, champion, input))
  const alpha = plan.alpha / Math.max(1, cases.length)
  const unit = unitOf(plan)
  const gates = cases.map((each, index) => judgeGate(each, { alpha, seed: deriveSeed(seed, 'gate', index), unit }))
  return {
    kind: 'evaluation',
    pipeline: plan.name,
    candidate: input.candidate.digest,
    champion: input.champion?.digest ?? null,
    dataset,
    rows,
    metrics: metricsOf(candidate),
    championMetrics: champion === null ? null : metricsOf(champion),
    ...classReport(candidate),
    gates,
    verdict: combineVerdicts(gates.map((gate) => gate.verdict)),
    seed,
  }
}

function unitOf({ columns, predict }: JudgeInput['plan']): string | undefined {
  const label = columns.find(({ name }) => name === predict.column)
  return predict.task === 'number' && label?.kind === 'number' ? label.unit : undefined
}

function answersOf({ plan, labels }: JudgeInput, model: JudgedModel): Answers {
  const bad = model.outputs.findIndex((output) => !Number.isFinite(output))
  if (bad !== -1) {
    const found = `${model.outputs[bad]} as output ${bad}`
    throw failure('MODEL_INVALID', { model: model.digest, expected: 'finite outputs for every test row', found })
  }
  return { predict: plan.predict, rows: labels.length, outputs: model.outputs, labels }
}

/** A gate without `within` is one case; else one per value: those declared, and those that occur. */
function casesOf(gate: GateSpec, candidate: Answers, champion: Answers | null, input: JudgeInput): GateCase[] {
  if (gate.within === undefined) return [{ gate, candidate, champion }]
  const values = input.slices[gate.within]
  if (values === undefined) {
    throw failure('GATE_INVALID', {
      gate: gateName(gate),
      expected: `values of column ${gate.within} for every row`,
      found: `values of ${Object.keys(input.slices).join(', ') || 'no column'}`,
    })
  }
  assert(values.length === candidate.rows, `column ${gate.within} has a value for every row`)
  const rowsOf = Map.groupBy(values.keys(), (row) => values[row]!)
  return sliceNames(input.plan, gate.within, [...rowsOf.keys()]).map((slice) => {
    const rows = rowsOf.get(slice) ?? []
    return { gate, slice, candidate: pick(candidate, rows), champion: champion === null ? null : pick(champion, rows) }
  })
}

/** `values`: that occur. A declared value without a row is a slice too: nothing is known about it, and the approver should read so. */
function sliceNames(plan: JudgeInput['plan'], column: string, values: readonly string[]): readonly string[] {
  const spec = plan.columns.find(({ name }) => name === column)
  const declared = new Set(spec?.kind === 'category' ? spec.values : [])
  const found = values.filter((value) => !declared.has(value))
  return [...declared, ...found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))]
}

function pick(answers: Answers, rows: readonly number[]): Answers {
  const width = answers.outputs.length / answers.rows
  const outputs = new Float32Array(rows.length * width)
  rows.forEach((row, to) => {
    outputs.set(answers.outputs.subarray(row * width, (row + 1) * width), to * width)
  })
  return { ...answers, rows: rows.length, outputs, labels: Float32Array.from(rows, (row) => answers.labels[row]!) }
}
