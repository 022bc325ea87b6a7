// Golden cases in float64, and two judgements of a backend: against them, and of its gradient against its own differences.
import { readFileSync } from 'node:fs'
import type { Tensor } from '@tensorflow/tfjs'
import { expect } from 'vitest'
import type { Tf } from '../../ml/tf.ts'
import { CHAIN, largestDifference, ON_A_GPU, rounding } from '../ml/tolerance.ts'

interface Numbers {
  readonly shape: number[]
  readonly values: number[]
}

export interface GoldenCase {
  readonly inputs: readonly Numbers[]
  /** weights of the outputs: gradients are those of Σ cotangent ∘ value. In the order of `value.values` */
  readonly cotangent: number[]
  readonly value: Numbers
  /** one per input */
  readonly gradients: readonly (readonly number[])[]
  /** of losses alone */
  readonly target?: Numbers
}

/** A forward pass; all its tensors may be derived by. */
export type Forward = (tf: Tf, ...inputs: Tensor[]) => Tensor

/**
 * Of float32 arithmetic against float64 (see largestDifference); the largest cases are layers of a few steps in time.
 */
export const TOLERANCE = { cpu: rounding(CHAIN.layer), gpu: ON_A_GPU } as const
/** Step of the differences: smaller than any distance of an input to a kink; a power of two, so that adding it is exact. */
const STEP = 2 ** -9
/**
 * Of central differences in float32, relative to the sum of all |gradient · direction|, or to 1 when that is smaller: the values' own errors
 * divided by the step, and a third derivative of 6 at most.
 */
const differenceTolerance = (tolerance: number): number => tolerance / STEP + STEP ** 2

/** A file of tests/fixtures/conformance, made by the script beside it. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/conformance/${name}.json`, import.meta.url), 'utf8')) as T
}

export function goldenCases(name: string): [title: string, golden: GoldenCase][] {
  return Object.entries(golden<{ cases: Record<string, GoldenCase> }>(name).cases)
}

/** What is judged: a forward pass on a backend. */
export interface Judged {
  readonly tf: Tf
  readonly forward: Forward
  /** one of TOLERANCE */
  readonly tolerance: number
}

export async function expectValue({ tf, forward, tolerance }: Judged, { inputs, value }: GoldenCase): Promise<void> {
  const found = tf.tidy(() => forward(tf, ...tensorsOf(tf, inputs)))
  expect(found.shape).toEqual(value.shape)
  expect(largestDifference(await numbersOf(found), value.values)).toBeLessThan(tolerance)
}

/** Against the golden gradients, and along a direction against the differences of this very backend. */
export async function expectGradients({ tf, forward, tolerance }: Judged, golden: GoldenCase): Promise<void> {
  const gradients = await gradientsOf(tf, forward, golden)
  golden.gradients.forEach((expected, i) => {
    expect(largestDifference(gradients[i]!, expected), `gradient of input ${i}`).toBeLessThan(tolerance)
  })
  const directions = golden.inputs.map(({ values }, i) => values.map((_, j) => ((i + j * 3) % 5 < 2 ? -1 : 1)))
  const products = gradients.flatMap((gradient, i) => [...gradient].map((value, j) => value * directions[i]![j]!))
  const ahead = await weighedValue(tf, forward, moved(golden, directions, STEP))
  const behind = await weighedValue(tf, forward, moved(golden, directions, -STEP))
  const scale = Math.max(1, sum(products.map(Math.abs)))
  const difference = (ahead - behind) / (2 * STEP)
  expect(Math.abs(sum(products) - difference) / scale, 'central difference').toBeLessThan(
    differenceTolerance(tolerance),
  )
}

async function gradientsOf(tf: Tf, forward: Forward, golden: GoldenCase): Promise<Float32Array[]> {
  const gradients = tf.tidy(() =>
    tf.grads((...inputs) => forward(tf, ...inputs))(
      tensorsOf(tf, golden.inputs),
      tf.tensor(golden.cotangent, golden.value.shape),
    ),
  )
  return Promise.all(gradients.map(numbersOf))
}

function moved(golden: GoldenCase, directions: readonly (readonly number[])[], step: number): GoldenCase {
  const inputs = golden.inputs.map(({ shape, values }, i) => {
    return { shape, values: values.map((value, j) => value + step * directions[i]![j]!) }
  })
  return { ...golden, inputs }
}

/** Σ cotangent ∘ value, summed in float64 so that only the backend rounds. */
async function weighedValue(tf: Tf, forward: Forward, { inputs, cotangent }: GoldenCase): Promise<number> {
  const value = await numbersOf(tf.tidy(() => forward(tf, ...tensorsOf(tf, inputs))))
  return sum(cotangent.map((weight, i) => weight * value[i]!))
}

function tensorsOf(tf: Tf, arrays: readonly Numbers[]): Tensor[] {
  return arrays.map(({ shape, values }) => tf.tensor(values, shape, 'float32'))
}

/** Reads and frees. */
export async function numbersOf(tensor: Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array
  tensor.dispose()
  return values
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
