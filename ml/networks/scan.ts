// A cell over all positions of a sequence, with its gradient through time written out: one product for the recurrent kernel instead of one per position.
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { Cell, CellState, CellWeights } from './cells.ts'

interface Step {
  readonly before: CellState
  readonly kept: readonly Tensor2D[]
}

/**
 * projected [positions, rows, gates × units], the inputs times their kernel plus bias → outputs [positions, rows, units], from a state of zeros.
 * The positions are unrolled: in a graph this is faster than a loop, and its shapes are known.
 */
export function scan(tf: Tf, cell: Cell, projected: Tensor3D, weights: CellWeights): Tensor3D {
  const learnt = weights.recurrentBias === undefined ? [weights.recurrent] : [weights.recurrent, weights.recurrentBias]
  return tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    const [inputs, recurrent, recurrentBias] = args.slice(0, -1) as unknown as [Tensor3D, Tensor2D, Tensor | undefined]
    const { outputs, steps } = run(tf, cell, inputs, weightsOf(recurrent, recurrentBias))
    save([recurrent, ...steps.flatMap(({ before, kept }) => [...before, ...kept])])
    return {
      value: outputs,
      gradFunc: (dy: Tensor, [kernel, ...rest]: Tensor[]) => {
        const saved = regroup(rest as Tensor2D[], steps.length, cell.parts)
        const gradients = runBack(tf, cell, { dy: dy as Tensor3D, recurrent: kernel as Tensor2D, steps: saved })
        return cell.recurrentBias ? gradients : gradients.slice(0, 2)
      },
    }
  })(projected, ...learnt) as Tensor3D
}

/** [rows, units] zeros for each part, without a shape written into a graph. */
function zeroState(tf: Tf, cell: Cell, projected: Tensor2D): CellState {
  const [zero] = tf.split(tf.zerosLike(projected), cell.gates, 1) as Tensor2D[]
  return Array.from({ length: cell.parts }, () => zero!)
}

function run(tf: Tf, cell: Cell, projected: Tensor3D, weights: CellWeights): { outputs: Tensor3D; steps: Step[] } {
  const inputs = tf.unstack(projected) as Tensor2D[]
  let state = zeroState(tf, cell, inputs[0]!)
  const outputs: Tensor2D[] = []
  const steps = inputs.map((input): Step => {
    const before = state
    const after = cell.step(tf, before, input, weights)
    state = after.state
    outputs.push(state[0]!)
    return { before, kept: after.kept }
  })
  return { outputs: tf.stack(outputs) as Tensor3D, steps }
}

/** → gradients with respect to projected, recurrent kernel and recurrent bias */
function runBack(
  tf: Tf,
  cell: Cell,
  { dy, recurrent, steps }: { dy: Tensor3D; recurrent: Tensor2D; steps: readonly Step[] },
): Tensor[] {
  const changes = tf.unstack(dy) as Tensor2D[]
  const projected: Tensor2D[] = []
  const inner: Tensor2D[] = []
  let carried: CellState | null = null
  for (let t = steps.length - 1; t >= 0; t--) {
    const { before, kept } = steps[t]!
    const now: CellState = withCarried(tf, changes[t]!, carried ?? zeroParts(tf, cell, changes[t]!))
    const step = cell.back(tf, now, before, kept)
    projected.unshift(step.projected)
    inner.unshift(step.recurrent)
    if (t > 0) {
      const back = tf.matMul(step.recurrent, recurrent, false, true) as Tensor2D
      const [direct, ...rest] = step.before as [Tensor2D | null, ...Tensor2D[]]
      carried = [direct === null ? back : (tf.add(back, direct) as Tensor2D), ...rest]
    }
  }
  const all = tf.concat(inner, 0) // [positions × rows, gates × units]
  const states = tf.concat(
    steps.map(({ before }) => before[0]!),
    0,
  ) // [positions × rows, units]
  return [tf.stack(projected), tf.matMul(states, all, true, false), tf.sum(all, 0)]
}

function weightsOf(recurrent: Tensor2D, recurrentBias: Tensor | undefined): CellWeights {
  return recurrentBias === undefined ? { recurrent } : { recurrent, recurrentBias }
}

function zeroParts(tf: Tf, cell: Cell, like: Tensor2D): CellState {
  const zero = tf.zerosLike(like)
  return Array.from({ length: cell.parts }, () => zero)
}

function withCarried(tf: Tf, change: Tensor2D, [carried, ...rest]: CellState): CellState {
  return [tf.add(change, carried!) as Tensor2D, ...rest]
}

function regroup(tensors: readonly Tensor2D[], count: number, parts: number): Step[] {
  const each = tensors.length / count
  return Array.from({ length: count }, (_, t) => ({
    before: tensors.slice(t * each, t * each + parts),
    kept: tensors.slice(t * each + parts, (t + 1) * each),
  }))
}
