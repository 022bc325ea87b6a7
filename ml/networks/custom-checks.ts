// What a module of the user's can get wrong in its weights and its forward pass; nothing has checked its types.
import { failure, isFailure, type SluiceFailure } from '../../schemas/failures.ts'
import { shown } from '../../schemas/shown.ts'
import type { Initializer, WeightSpec } from '../network.ts'
import { sizeOf } from '../operations/shape.ts'
import { NEED_OF_JOB, outOfMemory } from '../out-of-memory.ts'

/** The numbers that each kind of first values is made of. */
const NUMBERS: Readonly<Record<Initializer['kind'], readonly string[]>> = {
  constant: ['value'],
  glorotUniform: ['fanIn', 'fanOut'],
  normal: ['deviation'],
  orthogonal: [],
  stretches: [],
  uniform: ['limit'],
}

/** TensorFlow's INVALID_ARGUMENT: sizes that do not fit. Its other codes are troubles of the machine. */
const INVALID_ARGUMENT = '3'

export function invalidNetwork(file: string, expected: string, found: string, cause?: unknown): SluiceFailure {
  return failure('MODEL_FILE_INVALID', { file, expected, found }, cause)
}

/** Throws MODEL_FILE_INVALID for names that are not unique, a shape that is none, and first values that cannot be made. */
export function checkWeights(file: string, weights: readonly WeightSpec[]): void {
  const names = weights.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalidNetwork(file, 'weights of different names', `${twice} twice`)
  for (const { name, shape, initial } of weights) {
    if (typeof name !== 'string' || name === '') throw invalidNetwork(file, 'weights with names', shown(name))
    if (!isShape(shape)) {
      throw invalidNetwork(file, `a shape of whole numbers ≥ 1 for weight ${name}`, shown(shape))
    }
    const expected = expectedInitial(initial, shape)
    if (expected !== null) {
      throw invalidNetwork(file, `${expected} for weight ${name}`, shown(initial))
    }
  }
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.every((side) => Number.isInteger(side) && side >= 1)
}

/** → what was expected instead, or null where the values can be made: else they would be zeros or NaN. */
function expectedInitial(initial: Initializer | undefined, shape: readonly number[]): string | null {
  const kinds = Object.keys(NUMBERS)
  if (initial === undefined || !kinds.includes(initial.kind)) return `an initial of kind ${kinds.join(', ')}`
  const numbers = NUMBERS[initial.kind]
  const given = initial as unknown as Readonly<Record<string, unknown>>
  if (!numbers.every((each) => Number.isFinite(given[each])))
    return `an initial with the number ${numbers.join(' and ')}`
  if (initial.kind === 'orthogonal' && shape.length !== 2) return 'two sides of an orthogonal initial'
  if (initial.kind === 'stretches' && !(sizeOf(shape) % initial.values?.length === 0)) {
    return 'an initial with values that divide its size'
  }
  return null
}

/**
 * What `forward` threw → MODEL_FILE_INVALID with its line, which no retry cures. Failures of the catalogue, too little memory and what
 * TensorFlow says of the machine stay as they are.
 */
export function errorOfForward(file: string, error: unknown): unknown {
  if (isFailure(error) || outOfMemory(error, NEED_OF_JOB) !== null) return error
  const { message, stack = '' } = error instanceof Error ? error : { message: String(error) }
  const status = /TF_Status: (\d+)/.exec(message)?.[1]
  if (status !== undefined && status !== INVALID_ARGUMENT) return error
  const place = stack.split('\n').find((frame) => frame.includes(`${file}?`)) ?? ''
  const line = /\?\w+:(\d+)/.exec(place)?.[1]
  return invalidNetwork(file, 'a forward pass that works', line ? `${error} (line ${line})` : `${error}`, error)
}
