// A trained model as bytes, and bytes as something that predicts.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { failure } from '../schemas/failures.ts'
import type { PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import type { Network, Weight } from './network.ts'
import { type Architecture, openNetwork } from './networks/open.ts'
import { packTensors, unpackTensors } from './tensor-file.ts'
import { type TextModel, textModelOf } from './text-model.ts'

/** How logits become answers: softmax → a probability per class; sigmoid → P(true); linear → the value. */
export type Head = 'softmax' | 'sigmoid' | 'linear'

export interface Model {
  readonly architecture: Architecture
  readonly head: Head
  /** [rows × inputs] → [rows × outputs]: probabilities or values. Rows are independent of each other. */
  predict(rows: Float32Array): Float32Array
  /** of a model that predicts next tokens, whose `predict` says what follows each row; null: of any other */
  readonly text: TextModel | null
  dispose(): void
}

/** rows per forward pass: bounds the memory of a prediction */
const PREDICT_ROWS = 4096

const HEADS: Readonly<Record<PredictSpec['task'], Head>> = {
  category: 'softmax',
  probability: 'sigmoid',
  number: 'linear',
  next: 'softmax',
}

/** Weights, averages, architecture and head as one object; deterministic. */
export function packModel(architecture: Architecture, predict: PredictSpec, trained: TrainedWeights): Uint8Array {
  const meta = { kind: 'weights', architecture, head: HEADS[predict.task] }
  return packTensors(meta, [...trained.weights, ...trained.averages])
}

/** What a training leaves of a model, in the orders of its network. */
export interface TrainedWeights {
  readonly weights: readonly Weight[]
  readonly averages: readonly Weight[]
}

/** Reads what packModel wrote; `projectDir`: see openNetwork. Throws MODEL_INVALID when names or shapes do not fit the architecture. */
export async function loadModel(tf: Tf, bytes: Uint8Array, projectDir?: string): Promise<Model> {
  const { meta, tensors } = unpackTensors(bytes, 'weights')
  const { architecture, head } = meta as { architecture: Architecture; head: Head }
  const network = await openNetwork(architecture, projectDir)
  checkShapes(network, tensors)
  const count = network.weights.length
  const weights = { weights: tensors.slice(0, count), averages: tensors.slice(count) }
  return modelOf(tf, { architecture, network, head, ...weights })
}

/** A model from weights in memory. Dispose it to free them. */
export function modelOf(
  tf: Tf,
  parts: TrainedWeights & { readonly architecture: Architecture; readonly network: Network; readonly head: Head },
): Model {
  const { architecture, network, head } = parts
  const upload = (each: readonly Weight[]): Tensor[] => each.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const kept = { weights: upload(parts.weights), averages: upload(parts.averages) }
  const { inputs, outputs } = network
  const text = network.targets === undefined ? null : textModelOf(tf, { architecture, network, ...kept })
  return {
    architecture,
    head,
    text,
    predict(rows) {
      const count = rows.length / inputs
      if (!Number.isInteger(count)) {
        throw failure('MODEL_INVALID', { model: 'inputs', expected: `rows of ${inputs} values`, found: rows.length })
      }
      if (text !== null) return text.predict(rows)
      const answers = new Float32Array(count * outputs)
      for (let start = 0; start < count; start += PREDICT_ROWS) {
        const end = Math.min(start + PREDICT_ROWS, count)
        const values = tf.tidy(() => {
          const x = tf.tensor2d(rows.subarray(start * inputs, end * inputs), [end - start, inputs])
          return applyHead(tf, head, network.forward(tf, { ...kept, x }).logits).dataSync()
        })
        answers.set(values, start * outputs)
      }
      return answers
    },
    dispose() {
      tf.dispose([kept.weights, kept.averages])
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

function checkShapes({ weights, averages }: Network, tensors: readonly Weight[]): void {
  const named = (each: readonly Omit<Weight, 'values'>[]) => each.map(({ name, shape }) => ({ name, shape }))
  const expected = JSON.stringify(named([...weights, ...averages]))
  const found = JSON.stringify(named(tensors))
  if (expected !== found) throw failure('MODEL_INVALID', { model: 'weights', expected: `weights ${expected}`, found })
}
