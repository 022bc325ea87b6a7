// Columns of several batches of rows as those of one batch: the columns that one decoder would have made of all rows.
import assert from 'node:assert/strict'
import { type Column, type Columns, isValid, type Validity } from '../../schemas/columns.ts'

/** Offsets of strings are 32-bit. */
const MAX_STRING_BYTES = 2 ** 31 - 1

type Of<T extends Column['type']> = Extract<Column, { type: T }>

/** At least one batch; all have the same columns of the same types. Dictionaries are joined in order of first appearance. */
export function concatColumns(batches: readonly Columns[]): Columns {
  const [first] = batches
  assert(first !== undefined, 'there is a batch')
  if (batches.length === 1) return first
  const rows = batches.reduce((total, batch) => total + batch.rows, 0)
  const names = Object.keys(first.byName)
  for (const { byName } of batches) assert.deepEqual(Object.keys(byName), names, 'batches have the same columns')
  const columns = names.map((name): [string, Column] => [name, concat(batches, name, rows)])
  return { rows, byName: Object.fromEntries(columns) }
}

function concat(batches: readonly Columns[], name: string, rows: number): Column {
  const pieces = batches.map(({ byName }) => byName[name]!)
  const { type } = pieces[0]!
  for (const piece of pieces) assert(piece.type === type, `${name}: ${piece.type} and ${type} are one column`)
  const valid = concatValidity(batches, name, rows)
  switch (type) {
    case 'utf8':
    case 'binary':
      return { type, ...concatStrings(batches, pieces as Of<'utf8' | 'binary'>[], rows), valid }
    case 'dictionary':
      return { type, ...concatCodes(batches, pieces as Of<'dictionary'>[], rows), valid }
    case 'list': {
      const { width, values } = pieces[0] as Of<'list'>
      for (const piece of pieces) assert((piece as Of<'list'>).width === width, `${name}: lists of one width`)
      return {
        type,
        width,
        values: concatValues(batches, pieces as Of<'list'>[], likeOf(values, rows * width), width),
        valid,
      }
    }
    case 'float64':
      return { type, values: concatValues(batches, pieces as Of<'float64'>[], new Float64Array(rows), 1), valid }
    case 'int32':
      return { type, values: concatValues(batches, pieces as Of<'int32'>[], new Int32Array(rows), 1), valid }
    case 'int64':
      return { type, values: concatValues(batches, pieces as Of<'int64'>[], new BigInt64Array(rows), 1), valid }
    case 'bool':
      return { type, values: concatValues(batches, pieces as Of<'bool'>[], new Uint8Array(rows), 1), valid }
  }
}

type Values = Uint8Array | Float32Array | Float64Array | Int32Array | BigInt64Array

function likeOf(values: Uint8Array | Float32Array, length: number): Uint8Array | Float32Array {
  return values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)
}

function concatValues<T extends Values>(
  batches: readonly Columns[],
  pieces: readonly { readonly values: T }[],
  into: T,
  width: number,
): T {
  let at = 0
  for (const [i, { values }] of pieces.entries()) {
    const length = batches[i]!.rows * width
    into.set(values.subarray(0, length) as never, at)
    at += length
  }
  return into
}

function concatStrings(
  batches: readonly Columns[],
  pieces: readonly { readonly offsets: Int32Array; readonly bytes: Uint8Array }[],
  rows: number,
): { offsets: Int32Array; bytes: Uint8Array } {
  const parts = pieces.map(({ offsets, bytes }, i) => bytes.subarray(offsets[0], offsets[batches[i]!.rows]))
  const length = parts.reduce((total, part) => total + part.length, 0)
  assert(length <= MAX_STRING_BYTES, 'strings of a segment fit 32-bit offsets')
  const joined = new Int32Array(rows + 1)
  const bytes = new Uint8Array(length)
  let row = 0
  let at = 0
  for (const [i, { offsets }] of pieces.entries()) {
    const shift = at - offsets[0]!
    bytes.set(parts[i]!, at)
    for (let r = 1; r <= batches[i]!.rows; r++) joined[++row] = offsets[r]! + shift
    at += parts[i]!.length
  }
  return { offsets: joined, bytes }
}

function concatCodes(
  batches: readonly Columns[],
  pieces: readonly Of<'dictionary'>[],
  rows: number,
): { codes: Int32Array; dictionary: string[] } {
  const codeOf = new Map<string, number>()
  const codes = new Int32Array(rows)
  let at = 0
  for (const [i, piece] of pieces.entries()) {
    const renamed = piece.dictionary.map((text) => {
      const code = codeOf.get(text) ?? codeOf.size
      codeOf.set(text, code)
      return code
    })
    for (let row = 0; row < batches[i]!.rows; row++) codes[at++] = renamed[piece.codes[row]!] ?? 0
  }
  return { codes, dictionary: [...codeOf.keys()] }
}

function concatValidity(batches: readonly Columns[], name: string, rows: number): Validity {
  if (batches.every(({ byName }) => byName[name]!.valid === null)) return null
  const bits = new Uint8Array((rows + 7) >> 3)
  let at = 0
  for (const batch of batches) {
    const { valid } = batch.byName[name]!
    for (let row = 0; row < batch.rows; row++, at++) if (isValid(valid, row)) bits[at >> 3]! |= 1 << (at & 7)
  }
  return bits
}
