// A trained model as bytes, and bytes as something that predicts.

import type { Tensor } from '@tensorflow/tfjs'
import type { FittedLabel } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import type { Network, Weight } from '../network.ts'
import { type Architecture, openNetwork } from '../networks/open.ts'
import { answerHead, type Head } from '../operations/head.ts'
import { namesAndShapes } from '../operations/shape.ts'
import { valuesOf } from '../operations/values-of.ts'
import { type TextModel, textModelOf } from '../text/text-model.ts'
import type { Tf } from '../tf.ts'
import type { EngineKind } from '../training/engine/engine.ts'
import { type ChosenPasses, choosePasses, type PassesWish } from './choose-passes.ts'
import { eagerPasses } from './passes.ts'
import { packTensors, unpackTensors } from './tensor-file.ts'

export interface Model {
  readonly architecture: Architecture
  readonly head: Head
  /** [rows × inputs] → [rows × outputs]: probabilities or values. Rows are independent of each other. */
  predict(rows: Float32Array): Float32Array
  /** of a model that predicts next tokens, whose `predict` says what follows each row; null: of any other */
  readonly text: TextModel | null
  /** how its passes are run, and for the log why */
  readonly engine: { readonly kind: EngineKind; readonly why: string }
  dispose(): void
}

/** rows per forward pass: bounds the memory of a prediction */
const PREDICT_ROWS = 4096

/** Weights, averages, architecture and head as one object; deterministic. `label`: the scale of a number, which its answers are turned back from. */
export function packModel(
  architecture: Architecture,
  predict: PredictSpec,
  trained: TrainedWeights & { readonly label?: FittedLabel | undefined },
): Uint8Array {
  const meta = { kind: 'weights', architecture, head: answerHead(predict, trained.label) }
  return packTensors(meta, [...trained.weights, ...trained.averages])
}

/** What a training leaves of a model, in the orders of its network. */
export interface TrainedWeights {
  readonly weights: readonly Weight[]
  readonly averages: readonly Weight[]
}

/**
 * Reads what packModel wrote; `projectDir`: see openNetwork; without a wish its passes run eager. Throws MODEL_INVALID when names or shapes
 * do not fit the architecture.
 */
export async function loadModel(tf: Tf, bytes: Uint8Array, projectDir?: string, wish?: PassesWish): Promise<Model> {
  const { meta, tensors } = unpackTensors(bytes, 'weights')
  const { architecture, head } = meta as { architecture: Architecture; head: Head }
  const network = await openNetwork(architecture, projectDir)
  checkShapes(network, tensors)
  const count = network.weights.length
  const weights = { weights: tensors.slice(0, count), averages: tensors.slice(count) }
  return modelOf(tf, { architecture, network, head, ...weights }, wish)
}

/** A model from weights in memory. Dispose it to free them. */
function modelOf(
  tf: Tf,
  parts: TrainedWeights & { readonly architecture: Architecture; readonly network: Network; readonly head: Head },
  wish?: PassesWish,
): Model {
  const upload = (each: readonly Weight[]): Tensor[] => each.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const uploaded = { ...parts, weights: upload(parts.weights), averages: upload(parts.averages) }
  if (wish !== undefined) return modelBy(tf, parts, choosePasses(tf, uploaded, wish))
  return modelBy(tf, parts, { passes: eagerPasses(tf, uploaded), why: 'asked for a few rows' })
}

/** A model whose passes are open; disposing it ends them. */
export function modelBy(
  tf: Tf,
  { architecture, network, head }: { architecture: Architecture; network: Network; head: Head },
  { passes, why }: ChosenPasses,
): Model {
  const { inputs, outputs } = network
  const text = network.targets === undefined ? null : textModelOf(tf, { network, passes })
  return {
    architecture,
    head,
    text,
    engine: { kind: passes.kind, why },
    predict(rows) {
      const count = rows.length / inputs
      if (!Number.isInteger(count)) {
        throw failure('MODEL_INVALID', { model: 'inputs', expected: `rows of ${inputs} values`, found: rows.length })
      }
      if (text !== null) return text.predict(rows)
      const answers = new Float32Array(count * outputs)
      for (let start = 0; start < count; start += PREDICT_ROWS) {
        const end = Math.min(start + PREDICT_ROWS, count)
        const chunk = rows.subarray(start * inputs, end * inputs)
        const values = valuesOf(tf, () => passes.answers(tf.tensor2d(chunk, [end - start, inputs]), null))
        answers.set(values, start * outputs)
      }
      return answers
    },
    dispose: () => passes.dispose(),
  }
}

function checkShapes({ weights, averages }: Network, tensors: readonly Weight[]): void {
  const [expected, found] = [namesAndShapes([...weights, ...averages]), namesAndShapes(tensors)]
  if (expected !== found) throw failure('MODEL_INVALID', { model: 'weights', expected: `weights ${expected}`, found })
}
