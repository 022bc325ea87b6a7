// A list of numbers in JSON → elements of a list column's next row, without an array in between.
import { fitsElement, type Rule } from '../../core/rule.ts'
import type { ListBuilder } from '../rows/build.ts'
import type { Reading } from './scan-field.ts'

const OPEN = 91
const CLOSE = 93
const COMMA = 44
const SPACE = 32
const ZERO = 48

/** Elements are checked and written straight into the column's next row; a slot that is not kept is overwritten. */
export function listReading(rule: Rule, builder: ListBuilder): Reading {
  const { store } = builder
  const { length } = rule
  // of bytes, as integers: the loop then compares no doubles
  const min = Math.ceil(rule.min) | 0
  const max = Math.floor(rule.max) | 0
  return {
    read(bytes, at) {
      if (bytes[at] !== OPEN) return -1
      const start = builder.slot()
      const { values } = store
      const after = values instanceof Uint8Array ? scanBytes({ bytes, values, min, max, length }, at + 1, start) : -1
      return after >= 0 ? after : scanElements({ bytes, values, rule }, at + 1, start)
    },
    keep: builder.push,
  }
}

interface Place {
  readonly bytes: Buffer
  readonly values: Uint8Array | Float32Array
  readonly rule: Rule
}

interface PlaceOfBytes extends Pick<Rule, 'min' | 'max' | 'length'> {
  readonly bytes: Buffer
  readonly values: Uint8Array
}

/**
 * Integers of one to three digits, with or without a space before them, as images have them: one loop over the bytes.
 * The position behind the list; −1 leaves it to scanElements.
 */
function scanBytes({ bytes, values, min, max, length }: PlaceOfBytes, at: number, start: number): number {
  const end = start + length
  let element = start
  for (let i = at; element < end; i++) {
    // a black pixel
    if (bytes[i] === ZERO && bytes[i + 1] === COMMA && min === 0) {
      values[element++] = 0
      i++
      continue
    }
    if (bytes[i] === SPACE) i++
    let digit = bytes[i]! - ZERO
    if (!(digit >= 0 && digit <= 9)) return -1
    let x = digit
    digit = bytes[++i]! - ZERO
    if (digit >= 0 && digit <= 9) {
      if (x === 0) return -1
      x = x * 10 + digit
      digit = bytes[++i]! - ZERO
      if (digit >= 0 && digit <= 9) {
        x = x * 10 + digit
        i++
      }
    }
    if (x < min || x > max) return -1
    values[element++] = x
    if (bytes[i] !== COMMA) return bytes[i] === CLOSE && element === end ? i + 1 : -1
  }
  return -1
}

/** Numbers of every form: JSON.parse reads a flat list as fast as a loop over bytes does, and the fields beside it stay on this path. */
function scanElements({ bytes, values, rule }: Place, at: number, start: number): number {
  const { min, max, integers } = rule
  const end = bytes.indexOf(CLOSE, at) + 1
  if (end === 0) return -1
  const list = parseList(bytes.toString('latin1', at - 1, end))
  if (list?.length !== rule.length) return -1
  for (let i = 0; i < list.length; i++) {
    const x = list[i]
    if (typeof x !== 'number' || !fitsElement(x, min, max, integers)) return -1
    values[start + i] = x
  }
  return end
}

/** Null: no list by itself, such as one in which another one ends, or a text that holds a bracket. */
function parseList(json: string): readonly unknown[] | null {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
