// What a trained model says of texts: what each token costs, what may follow, and reading on token by token.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { PADDING_ID } from '../core/tokens.ts'
import type { Tf } from './backend.ts'
import type { Network } from './network.ts'
import type { Architecture } from './networks/open.ts'
import { isSequence, type Stepper, type StepperState, stepperOf } from './networks/stepper.ts'
import { passRowsOf } from './validation.ts'

export interface TextModel {
  /** windows [rows × inputs] → probabilities of what follows each row's last token, [rows × ids] */
  predict(windows: Float32Array): Float32Array
  /** windows [rows × inputs] → −ln P of each target, [rows × context]; 0 where the target is padding */
  losses(windows: Float32Array): Float32Array
  /** Nothing read yet. Dispose it. */
  reader(): Reader
}

/** Reads a text; past the model's context it goes on with the later half of what it holds. */
export interface Reader {
  /** Reads one more token id → scores of what follows, [ids]. */
  read(id: number): Float32Array
  dispose(): void
}

export interface TextParts {
  readonly architecture: Architecture
  readonly network: Network
  readonly weights: readonly Tensor[]
  readonly averages: readonly Tensor[]
}

/** Only for networks that predict the next token. The weights stay the caller's. */
export function textModelOf(tf: Tf, parts: TextParts): TextModel {
  const { inputs, outputs, examplesPerRow } = parts.network
  const passRows = passRowsOf(examplesPerRow * outputs)
  const pass = (
    windows: Float32Array,
    width: number,
    compute: (logits: Tensor2D, x: Tensor2D) => Tensor,
  ): Float32Array => {
    const rows = windows.length / inputs
    const all = new Float32Array(rows * width)
    for (let start = 0; start < rows; start += passRows) {
      const end = Math.min(start + passRows, rows)
      const values = tf.tidy(() => {
        const x = tf.tensor2d(windows.subarray(start * inputs, end * inputs), [end - start, inputs])
        return compute(parts.network.forward(tf, { ...parts, x }).logits, x).dataSync()
      })
      all.set(values, start * width)
    }
    return all
  }
  return {
    predict: (windows) => pass(windows, outputs, (logits, x) => tf.softmax(tf.gather(logits, lastPositions(tf, x), 0))),
    losses: (windows) =>
      pass(windows, examplesPerRow, (logits, x) => {
        const targets = tf.reshape(tf.slice(x, [0, 1], [-1, inputs - 1]), [-1]) as Tensor1D // [rows × context]
        const hot = tf.oneHot(tf.cast(targets, 'int32'), outputs)
        const counted = tf.cast(tf.notEqual(targets, PADDING_ID), 'float32')
        return tf.mul(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), hot), 1)), counted)
      }),
    reader: () =>
      isSequence(parts.architecture)
        ? stepReader(tf, stepperOf(tf, parts.architecture, parts.weights))
        : forwardReader(tf, parts),
  }
}

/** Where each row's last input stands in [rows × context]; a row of padding alone is the beginning of a text. */
function lastPositions(tf: Tf, x: Tensor2D): Tensor1D {
  const [rows, inputs] = x.shape
  const ids = x.dataSync()
  const positions = Int32Array.from({ length: rows }, (_, row) => {
    const known = ids.subarray(row * inputs, (row + 1) * inputs - 1)
    return (
      row * (inputs - 1) +
      Math.max(
        0,
        known.findLastIndex((id) => id !== PADDING_ID),
      )
    )
  })
  return tf.tensor1d(positions, 'int32')
}

/** With the state that the network keeps between tokens. */
function stepReader(tf: Tf, stepper: Stepper): Reader {
  let state: StepperState = stepper.start(1)
  let held: number[] = []
  const advance = (id: number): Float32Array => {
    const ids = tf.tensor1d([id])
    const after = stepper.next(state, ids)
    const scores = after.logits.dataSync() as Float32Array
    tf.dispose([ids, after.logits, ...state.tensors])
    state = after.state
    return scores
  }
  return {
    read(id) {
      if (stepper.context !== null && held.length === stepper.context) {
        held = laterHalf(held)
        tf.dispose([...state.tensors])
        state = stepper.start(1)
        held.forEach(advance)
      }
      held.push(id)
      return advance(id)
    },
    dispose: () => tf.dispose([...state.tensors]),
  }
}

/** With the whole forward pass for each token: for networks without a stepper. */
function forwardReader(tf: Tf, parts: TextParts): Reader {
  const { inputs, outputs } = parts.network
  let held: number[] = []
  return {
    read(id) {
      if (held.length === inputs - 1) held = laterHalf(held)
      held.push(id)
      return tf.tidy(() => {
        const row = Float32Array.from({ length: inputs }, (_, i) => held[i] ?? PADDING_ID)
        const { logits } = parts.network.forward(tf, { ...parts, x: tf.tensor2d(row, [1, inputs]) })
        return tf.slice(logits, [held.length - 1, 0], [1, outputs]).dataSync() as Float32Array
      })
    },
    dispose() {},
  }
}

function laterHalf(ids: readonly number[]): number[] {
  return ids.slice(ids.length - Math.floor(ids.length / 2))
}
