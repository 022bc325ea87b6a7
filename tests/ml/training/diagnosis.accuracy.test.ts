// A model without hidden layers is a logistic regression: on breast-cancer data it does as well as scikit-learn's.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import { trainModel } from '../../../ml/training/loop.ts'
import type { PredictSpec, TrainSpec } from '../../../schemas/plan.ts'
import { trainSpec } from '../builders.ts'

const PREDICT: PredictSpec = { task: 'probability', column: 'malignant' }
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const table = read('../../../pipelines/diagnosis/wdbc.csv').trim().split('\n').slice(1)
const cells = table.map((line) => line.split(','))
const { folds } = JSON.parse(read('../../fixtures/ml/diagnosis.json')) as {
  folds: { accuracy: number; loss: number }[]
}

/** Rows whose number is `fold` modulo 5 are held out; standardised on the others, as in diagnosis.py. */
function splitAt(fold: number): { train: Matrix; test: Matrix } {
  const isTest = (_: unknown, row: number): boolean => row % 5 === fold
  const values = cells.map((row) => row.slice(1, 31).map(Number))
  const labels = cells.map((row) => (row[31] === 'true' ? 1 : 0))
  const seen = values.filter((_, row) => !isTest(_, row))
  const scale = Array.from({ length: 30 }, (_, c) => {
    const mean = seen.reduce((sum, row) => sum + row[c]!, 0) / seen.length
    const variance = seen.reduce((sum, row) => sum + (row[c]! - mean) ** 2, 0) / seen.length
    return { mean, deviation: Math.sqrt(variance) }
  })
  const matrix = (keep: (_: unknown, row: number) => boolean): Matrix => {
    const rows = values.filter(keep).map((row) => row.map((x, c) => (x - scale[c]!.mean) / scale[c]!.deviation))
    const kept = Float32Array.from(labels.filter(keep))
    return { rows: rows.length, width: 30, inputs: Float32Array.from(rows.flat()), labels: kept }
  }
  return { train: matrix((_, row) => !isTest(_, row)), test: matrix(isTest) }
}

async function score(spec: TrainSpec, fold: number): Promise<{ accuracy: number; loss: number }> {
  const { tf } = await openBackend({ prefer: 'wasm', device: 'any' })
  const { train, test } = splitAt(fold)
  const architecture = architectureOf(spec.model, 30, PREDICT)
  const trained = await trainModel({
    tf,
    backend: 'wasm',
    network: networkOf(architecture),
    predict: PREDICT,
    train: spec,
    rows: train,
    validation: train,
    from: null,
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  const model = await loadModel(tf, packModel(architecture, PREDICT, trained))
  const answers = model.predict(test.inputs)
  model.dispose()
  const right = answers.filter((p, row) => (p >= 0.5 ? 1 : 0) === test.labels[row]).length
  const loss = answers.reduce((sum, p, row) => sum - Math.log(test.labels[row] === 1 ? p : 1 - p), 0)
  return { accuracy: right / test.rows, loss: loss / test.rows }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('diagnosis', () => {
  it('is as good as logistic regression', async () => {
    const spec = trainSpec({
      model: { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 },
      batch: 32,
      epochs: 30,
      checkpointEvery: 1e6,
    })
    const scores = []
    for (let fold = 0; fold < 5; fold++) scores.push(await score(spec, fold))
    const [ours, theirs] = [scores, folds].map((all) => mean(all.map(({ accuracy }) => accuracy)))
    // 569 rows: the standard error of the accuracy is 0.006
    expect(Math.abs(ours! - theirs!)).toBeLessThan(0.012)
    expect(mean(scores.map(({ loss }) => loss))).toBeLessThan(mean(folds.map(({ loss }) => loss)) + 0.02)
  })
})
