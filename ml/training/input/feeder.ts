// Gathers the rows, rates and noise keys of the next steps. All of it follows from the step's number and the seed.
import type { Scalar } from '@tensorflow/tfjs'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { noiseKeys } from '../../operations/noise.ts'
import { optimizerOf } from '../../optimizers/optimizer.ts'
import { scheduledRate } from '../../optimizers/rate.ts'
import type { Tf } from '../../tf.ts'
import { type FeedForm, partSize, partSizes } from '../engine/engine.ts'
import { gatherRows, stepsPerEpoch } from './epoch.ts'
import type { Feed, RowStack, Stack } from './feed.ts'
import type { Matrix } from './matrix.ts'

/** A feed of rows this small stays in the processor's cache between gathering and training. */
const MAX_FEED_BYTES = 1 << 18
/** More would not make a step cheaper. */
const MAX_FEED_STEPS = 64
/** Rows that a compiled engine copies into the library; those of larger datasets are gathered in JavaScript. */
const MAX_HELD_BYTES = 1 << 28

export interface FeedPosition {
  /** 0 for the first of the training */
  readonly step: number
  /** the epoch's, see epochOrder */
  readonly order: Int32Array
  /** where in `order` the step's rows begin */
  readonly start: number
  /** of the epochs done, for rates that wait for a plateau */
  readonly validationLosses: readonly number[]
}

export interface Feeder {
  /**
   * The steps from this position on: as many full ones as fit, or the short last one of the epoch. The arrays behind the tensors are used
   * again by the next call (fresh ones would cost more than filling them): see disposeFeed, call it before the next feed is made.
   */
  next(position: FeedPosition): Feed
  dispose(): void
}

/** How a compiled engine gets its inputs; the short last batch of an epoch comes alone. */
export function feedForm(
  { rows, width }: Pick<Matrix, 'rows' | 'width'>,
  { batch }: Pick<TrainSpec, 'batch'>,
): FeedForm {
  const bytes = 4 * (width + 1)
  const held = rows * bytes <= MAX_HELD_BYTES
  const fit = held ? MAX_FEED_STEPS : Math.floor(MAX_FEED_BYTES / (batch * bytes))
  return { held, steps: Math.max(1, Math.min(fit, MAX_FEED_STEPS, Math.floor(rows / batch))) }
}

/** Makes the feeds of a training in the form that its engine takes; room for them is made once. */
export function openFeeder(options: { tf: Tf; train: TrainSpec; rows: Matrix; form: FeedForm }): Feeder {
  const { tf, train, rows, form } = options
  const full = Math.min(train.batch, rows.rows)
  const staging = form.held ? null : stagingFor(rows, form.steps * full)
  const { stepSize } = optimizerOf(tf, train)
  const totalSteps = train.epochs * stepsPerEpoch(rows.rows, train.batch)
  const indices = Array.from({ length: form.steps }, (_, i): Scalar => tf.scalar(i, 'int32'))
  return {
    next(position) {
      const { step, start, validationLosses } = position
      const size = Math.min(full, rows.rows - start)
      const room = size === full ? form.steps : 1
      const steps = Math.min(room, Math.floor((rows.rows - start) / size))
      const rates = Array.from({ length: steps }, (_, i) =>
        scheduledRate(train.optimizer, { step: step + i, totalSteps, validationLosses }),
      )
      const stepSizes = rates.map((rate, i) => stepSize(rate, step + i + 1))
      return {
        stacks: stacksOf(options, staging, { ...position, size, room, steps }),
        hyper: { rates: tf.tensor1d(padded(rates, room)), stepSizes: tf.tensor1d(padded(stepSizes, room)) },
        indices: indices.slice(0, steps),
        rates,
        rows: size,
      }
    },
    dispose: () => tf.dispose(indices),
  }
}

/** Arrays that rows are gathered into. */
type Staging = Pick<Matrix, 'inputs' | 'labels' | 'weights'>

function stagingFor({ width, weights }: Matrix, rows: number): Staging {
  const arrays = { inputs: new Float32Array(rows * width), labels: new Float32Array(rows) }
  return weights === undefined ? arrays : { ...arrays, weights: new Float32Array(rows) }
}

interface Cut {
  /** rows of a step, steps that the tensors have room for, steps that are filled */
  readonly size: number
  readonly room: number
  readonly steps: number
}

/** A stack for each part of the steps. */
function stacksOf(
  { tf, train, rows }: { tf: Tf; train: TrainSpec; rows: Matrix },
  staging: Staging | null,
  { step, order, start, size, room, steps }: FeedPosition & Cut,
): Stack[] {
  let from = 0
  return partSizes(size, partSize(train)).map((count, part): Stack => {
    const starts = Array.from({ length: steps }, (_, i) => start + i * size + from)
    const begin = from * room
    from += count
    const inputs =
      staging === null
        ? { places: tf.tensor2d(placesOf(order, starts, { count, room }), [room, count], 'int32') }
        : gather(tf, rows, { ...staging, order, starts, count, room, begin })
    const keys = padded(noiseKeys(train.seed, { step, steps, part }), 2 * room)
    return { ...inputs, keys: tf.tensor2d(keys, [room, 2]) }
  })
}

function placesOf(order: Int32Array, starts: readonly number[], { count, room }: { count: number; room: number }) {
  const places = new Int32Array(room * count)
  starts.forEach((first, i) => {
    places.set(order.subarray(first, first + count), i * count)
  })
  return places
}

interface Gathering extends Staging {
  readonly order: Int32Array
  /** where in `order` the rows of each step begin, and how many they are */
  readonly starts: readonly number[]
  readonly count: number
  readonly room: number
  /** row of the staging arrays */
  readonly begin: number
}

/** Copies the rows to the staging arrays from `begin` on, where each part has room for itself, and uploads them. */
function gather(
  tf: Tf,
  rows: Matrix,
  { inputs, labels, weights, order, starts, count, room, begin }: Gathering,
): Omit<RowStack, 'keys'> {
  const [width, end] = [rows.width, begin + room * count]
  starts.forEach((first, i) => {
    gatherRows(rows, { order, start: first, end: first + count }, { inputs, labels, weights, at: begin + i * count })
  })
  return {
    x: tf.tensor3d(inputs.subarray(begin * width, end * width), [room, count, width]),
    y: tf.tensor2d(labels.subarray(begin, end), [room, count]),
    ...(weights && { weights: tf.tensor2d(weights.subarray(begin, end), [room, count]) }),
  }
}

function padded(values: ArrayLike<number>, length: number): Float32Array {
  const all = new Float32Array(length)
  all.set(values)
  return all
}
