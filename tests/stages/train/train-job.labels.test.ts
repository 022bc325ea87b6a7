// A training says before its first step what its labels cannot teach, and names the data where a loss is no number.
import { expect, test } from 'vitest'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject, readJson } from '../../../lake/store/objects.ts'
import type { Columns } from '../../../schemas/columns.ts'
import type { DatasetManifest, PartRef } from '../../../schemas/dataset.ts'
import type { ModelCard } from '../../../schemas/model.ts'
import type { Plan, SplitName } from '../../../schemas/plan.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { runTrainJob, type TrainJob } from '../../../stages/train/train-job.ts'
import { MANIFEST, PLAN, partOf, TRANSFORM } from '../../ml/flowers.ts'

const store = memoryStore()
const [ROSE, TULIP] = [0, 1]

async function part(columns: Columns): Promise<PartRef> {
  const bytes = encodeColumns(columns)
  return { ...(await putObject(store, { kind: 'parts', extension: 'arrow', bytes })), rows: columns.rows }
}

/** Of one kind only. */
function only(kind: number, rows: number): Columns {
  const columns = partOf(rows, 1)
  const all = { ...columns.byName.kind!, codes: new Int32Array(rows).fill(kind) } as Columns['byName'][string]
  return { ...columns, byName: { ...columns.byName, kind: all } }
}

async function train(splits: Partial<Record<SplitName, Columns>>, changes: Partial<Plan> = {}) {
  const { train: rows = partOf(60, 1), validate = partOf(30, 2), test: judged = partOf(30, 3) } = splits
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(store, { kind: 'transforms', value: TRANSFORM }),
    parts: { train: [await part(rows)], validate: [await part(validate)], test: [await part(judged)] },
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  const job: TrainJob = {
    job: 'train',
    code: 'code',
    backend: 'cpu',
    inputs: ref.sha256,
    plan: { ...PLAN, train: { ...PLAN.train, epochs: 1 }, ...changes },
    dataset: { ...ref, digest: ref.sha256, accounting: manifest.accounting },
  }
  const lines: TrainerLine[] = []
  const model = await runTrainJob(job, { store, emit: (line) => void lines.push(line) })
  return { lines, card: await readJson<ModelCard>(store, { key: model.key, sha256: model.digest }) }
}

const refusalOf = (run: Promise<unknown>) =>
  run.then(
    () => null,
    (error: unknown) => error,
  )

test('one class in training is refused', async () => {
  expect(await refusalOf(train({ train: only(TULIP, 40) }))).toMatchObject({
    code: 'LABEL_CONSTANT',
    facts: { column: 'kind', found: 'only "tulip" in 40 rows' },
  })
})

test('a class that a split lacks is noted', async () => {
  const { lines, card } = await train({ test: only(ROSE, 30) })
  const [note, ...others] = card.notes!
  expect(others).toEqual([])
  expect(note).toMatch(
    /^kind "tulip" is not in every split \(train \d+, validate \d+, test 0 rows\): it is not judged$/,
  )
  expect(lines[0]).toMatchObject({ type: 'started', notes: [note] })
})

test('classes in every split are not mentioned', async () => {
  const { lines, card } = await train({})
  expect(card).not.toHaveProperty('notes')
  expect(lines[0]).not.toHaveProperty('notes')
})

/** Predicts the petal from colour and place. */
const PETALS: Partial<Plan> = { predict: { task: 'number', column: 'petal' } }

function petals(rows: number, change: Record<number, number> = {}): Columns {
  const columns = partOf(rows, 4)
  const values = Float64Array.from({ length: rows }, (_, row) => change[row] ?? row % 5)
  return { ...columns, byName: { ...columns.byName, petal: { type: 'float64', values, valid: null } } }
}

test('a label that overflows is named', async () => {
  const splits = { train: petals(40, { 7: 1e200 }), validate: petals(30), test: petals(30) }
  expect(await refusalOf(train(splits, PETALS))).toMatchObject({
    code: 'LABEL_OVERFLOW',
    facts: { column: 'petal', found: '1e+200 in row 7' },
  })
})

test('a loss that a label spoils names the label', async () => {
  // finite itself, and so is its square: the sum of the batch is not
  const large = { 7: 1.8e19, 8: -1.8e19, 9: 1.8e19 }
  const splits = { train: petals(40, large), validate: petals(30), test: petals(30) }
  const error = (await refusalOf(train(splits, { ...PETALS, train: { ...PLAN.train, batch: 40, epochs: 1 } }))) as Error
  expect(error).toMatchObject({ code: 'LOSS_NOT_FINITE', facts: { step: 1 } })
  expect(error).toMatchObject({
    next: expect.stringMatching(/the data is the likely cause: label petal is -?180000\d+ in rows [789] of parts\//),
  })
})

test('validation rows are named too', async () => {
  const splits = { train: petals(40), validate: petals(30, { 3: 1.8e19, 4: 1.8e19 }), test: petals(30) }
  const error = await refusalOf(train(splits, PETALS))
  expect(error).toMatchObject({
    code: 'LOSS_NOT_FINITE',
    facts: { rows: 'the validation rows', advice: expect.stringMatching(/label petal is 180000\d+ in rows 3 of/) },
  })
})
