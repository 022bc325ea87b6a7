// Fits the constants of a list of numbers, such as an image: one offset and one factor for all its elements.
import { strict as assert } from 'node:assert'
import { type Column, type ColumnSpec, type Columns, isValid, placeOf } from '../schemas/columns.ts'
import type { FittedFeature } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { extremes } from './extremes.ts'
import type { FeatureFit } from './feature-fit.ts'
import { factorOf, keeping, requireApart, requireFiniteInputs, requireSpread, type Seen } from './sound-fit.ts'
import { numberStatistics } from './statistics.ts'

type NumbersSpec = Extract<ColumnSpec, { kind: 'numbers' }>
type List = Extract<Column, { type: 'list' }>

/** By the declared range. */
export function scaledElements({ name, length, min, max }: NumbersSpec): FeatureFit {
  const seen = seenOf(name)
  return {
    ...keeping(seen),
    add: (column, rows) => requireFinite(listOf(column), rows, name),
    finish: () => ({ column: name, encode: 'elements', offset: min, factor: factorOf(seen, max - min), width: length }),
  }
}

function seenOf(column: string): Seen {
  return { column, statistics: numberStatistics(), outermost: extremes(), rawOf: (value) => value }
}

/** One mean and one deviation for all elements of all rows. */
export function elementsFit({ name, length }: NumbersSpec): FeatureFit {
  const seen = seenOf(name)
  const { statistics, outermost } = seen
  return {
    ...keeping(seen),
    add(column, rows) {
      const list = listOf(column)
      requireFinite(list, rows, name)
      statistics.add(Float64Array.from(list.values), elementValidity(list))
      outermost.add(rows, list.values, list)
    },
    finish(): FittedFeature {
      requireSpread(name, statistics.min(), statistics.max())
      const { mean: offset, deviation } = statistics.moments()
      const factor = factorOf(seen, deviation)
      const constants = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE, offset, factor }
      requireFiniteInputs(seen, constants, null)
      requireApart(seen, constants)
      return { column: name, encode: 'elements', offset, factor, width: length }
    },
  }
}

function listOf(column: Column): List {
  assert(column.type === 'list', `numbers are list columns, not ${column.type}`)
  return column
}

/** Throws FEATURE_OVERFLOW: elements are 32-bit floats, which a number beyond them may have become. */
function requireFinite({ values, valid, width }: List, rows: Columns, name: string): void {
  if (values instanceof Uint8Array) return
  let sum = 0 // of float32 in float64: finite exactly if each of them is
  for (let i = 0; i < values.length; i++) sum += values[i]!
  if (Number.isFinite(sum)) return
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width)
    if (Number.isFinite(values[i]) || !isValid(valid, row)) continue
    throw failure('FEATURE_OVERFLOW', { column: name, found: `${values[i]} in ${placeOf(rows, row)}` })
  }
}

/** The bitmap of rows, repeated for every element of the row. */
function elementValidity({ valid, values, width }: List): Uint8Array | null {
  if (valid === null) return null
  const bits = new Uint8Array((values.length + 7) >> 3)
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width)
    bits[i >> 3]! |= ((valid[row >> 3]! >> (row & 7)) & 1) << (i & 7)
  }
  return bits
}
