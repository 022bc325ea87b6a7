// A trained model as bytes, and bytes as something that predicts.
import type { Tensor2D } from '@tensorflow/tfjs'
import { failure } from '../schemas/failures.ts'
import type { PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { type Architecture, forward, initialWeights, layersOf, type Weight } from './mlp.ts'
import { packTensors, unpackTensors } from './tensor-file.ts'

/** How logits become answers: softmax → a probability per class; sigmoid → P(true); linear → the value. */
export type Head = 'softmax' | 'sigmoid' | 'linear'

export interface Model {
  readonly architecture: Architecture
  readonly head: Head
  /** [rows × inputs] → [rows × outputs]: probabilities or values. Rows are independent of each other. */
  predict(rows: Float32Array): Float32Array
  dispose(): void
}

/** rows per forward pass: bounds the memory of a prediction */
const PREDICT_ROWS = 4096

const HEADS: Readonly<Record<PredictSpec['task'], Head>> = {
  category: 'softmax',
  probability: 'sigmoid',
  number: 'linear',
}

/** An untrained model: seeded first weights. */
export function buildModel(architecture: Architecture, seed: number): Weight[] {
  return initialWeights(architecture, seed)
}

/** Weights, architecture and head as one object; deterministic. */
export function packModel(architecture: Architecture, predict: PredictSpec, weights: readonly Weight[]): Uint8Array {
  return packTensors({ kind: 'weights', architecture, head: HEADS[predict.task] }, weights)
}

/** Reads what packModel wrote; data only, nothing in it is run. Throws MODEL_INVALID when shapes do not fit the architecture. */
export function loadModel(tf: Tf, bytes: Uint8Array): Model {
  const { meta, tensors } = unpackTensors(bytes, 'weights')
  const { architecture, head } = meta as { architecture: Architecture; head: Head }
  checkShapes(architecture, tensors)
  return modelOf(tf, { architecture, head, weights: tensors })
}

/** A model from weights in memory. Dispose it to free them. */
export function modelOf(
  tf: Tf,
  { architecture, head, weights }: { architecture: Architecture; head: Head; weights: readonly Weight[] },
): Model {
  const kept = weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const { inputs, outputs } = architecture
  return {
    architecture,
    head,
    predict(rows) {
      const count = rows.length / inputs
      if (!Number.isInteger(count)) {
        throw failure('MODEL_INVALID', { model: 'inputs', expected: `rows of ${inputs} values`, found: rows.length })
      }
      const answers = new Float32Array(count * outputs)
      for (let start = 0; start < count; start += PREDICT_ROWS) {
        const end = Math.min(start + PREDICT_ROWS, count)
        const values = tf.tidy(() => {
          const x = tf.tensor2d(rows.subarray(start * inputs, end * inputs), [end - start, inputs])
          return applyHead(tf, head, forward(tf, architecture, { weights: kept, x, masks: [] })).dataSync()
        })
        answers.set(values, start * outputs)
      }
      return answers
    },
    dispose() {
      tf.dispose(kept)
    },
  }
}

export function headOf(predict: PredictSpec): Head {
  return HEADS[predict.task]
}

function applyHead(tf: Tf, head: Head, logits: Tensor2D): Tensor2D {
  switch (head) {
    case 'softmax':
      return tf.softmax(logits)
    case 'sigmoid':
      return tf.sigmoid(logits)
    case 'linear':
      return logits
  }
}

function checkShapes(architecture: Architecture, weights: readonly Weight[]): void {
  const expected = layersOf(architecture).flatMap(({ inputs, outputs }) => [[inputs, outputs], [outputs]])
  const found = weights.map(({ shape }) => shape)
  if (JSON.stringify(expected) !== JSON.stringify(found)) {
    throw failure('MODEL_INVALID', { model: 'weights', expected: `shapes ${JSON.stringify(expected)}`, found })
  }
}
