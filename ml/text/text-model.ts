// What a trained model says of texts: what each token costs, what may follow, and reading on token by token.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { PADDING_ID } from '../../core/tokens.ts'
import type { Passes } from '../model/passes.ts'
import type { Network } from '../network.ts'
import type { Stepper, StepperState } from '../networks/stepper.ts'
import { valuesOf } from '../operations/values-of.ts'
import type { Tf } from '../tf.ts'
import { passRowsOf } from '../training/input/matrix.ts'

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
  readonly network: Network
  readonly passes: Passes
}

/** Only for networks that predict the next token. The passes stay the caller's. */
export function textModelOf(tf: Tf, { network, passes }: TextParts): TextModel {
  const { inputs, outputs, examplesPerRow } = network
  const passRows = passRowsOf(examplesPerRow * outputs)
  const pass = (
    windows: Float32Array,
    width: number,
    compute: (x: Tensor2D, chunk: Float32Array) => Tensor,
  ): Float32Array => {
    const rows = windows.length / inputs
    const all = new Float32Array(rows * width)
    for (let start = 0; start < rows; start += passRows) {
      const end = Math.min(start + passRows, rows)
      const chunk = windows.subarray(start * inputs, end * inputs)
      const values = valuesOf(tf, () => compute(tf.tensor2d(chunk, [end - start, inputs]), chunk))
      all.set(values, start * width)
    }
    return all
  }
  return {
    predict: (windows) =>
      pass(windows, outputs, (x, chunk) => passes.answers(x, tf.tensor1d(lastPositions(chunk, inputs), 'int32'))),
    losses: (windows) => pass(windows, examplesPerRow, (x) => passes.losses(x)),
    reader: () => (passes.stepper === null ? forwardReader(tf, network, passes) : stepReader(tf, passes.stepper)),
  }
}

/** Where each row's last input stands in [rows × context]; a row of padding alone is the beginning of a text. */
function lastPositions(windows: Float32Array, inputs: number): Int32Array {
  return Int32Array.from({ length: windows.length / inputs }, (_, row) => {
    const known = windows.subarray(row * inputs, (row + 1) * inputs - 1)
    return (
      row * (inputs - 1) +
      Math.max(
        0,
        known.findLastIndex((id) => id !== PADDING_ID),
      )
    )
  })
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
function forwardReader(tf: Tf, { inputs }: Network, passes: Passes): Reader {
  let held: number[] = []
  return {
    read(id) {
      if (held.length === inputs - 1) held = laterHalf(held)
      held.push(id)
      return valuesOf(tf, () => {
        const row = Float32Array.from({ length: inputs }, (_, i) => held[i] ?? PADDING_ID)
        const last: Tensor1D = tf.tensor1d([held.length - 1], 'int32')
        return passes.scores(tf.tensor2d(row, [1, inputs]), last)
      })
    },
    dispose() {},
  }
}

function laterHalf(ids: readonly number[]): number[] {
  return ids.slice(ids.length - Math.floor(ids.length / 2))
}
