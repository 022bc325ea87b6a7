// The fitted transform as code: raw columns or one raw row in, float32 inputs of the model out. Runs in Node and in a browser alike.

import { log1p } from '../../core/log1p.ts'
import type { Value } from '../../core/values.ts'
import type { Column, Columns, Validity } from '../../schemas/columns.ts'
import { isValid, placeOf } from '../../schemas/columns.ts'
import type { FittedFeature, FittedLabel, FittedTokens, Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import type { CompiledFeature, Target } from './compiled-feature.ts'
import { compileTokens } from './token-feature.ts'

export { parseRow } from './request.ts'

export interface CompiledTransform {
  /** float32 values per row */
  readonly width: number
  /** the text whose next tokens are predicted; null: rows are what `applyColumns` gives, not windows over a text */
  readonly tokens: FittedTokens | null
  /** the scale on which a number is learnt; absent: as it is */
  readonly label?: FittedLabel | undefined
  /**
   * → [rows, width], all finite. `into` and `atRow`: write there instead of into a new array. Throws FEATURE_OVERFLOW for a value that no
   * 32-bit float holds as an input, such as 1e300 in a column without clip.
   */
  applyColumns(columns: Columns, into?: Float32Array, atRow?: number): Float32Array
  /** → [width]; bit-identical to the same row inside columns, but for what these refuse: here it is an infinite input */
  applyRow(row: Readonly<Record<string, Value>>): Float32Array
}

/**
 * Compiles a fitted transform. All arithmetic is float64 in a fixed order and is rounded to float32 once, at the end: IEEE 754 makes the
 * result the same bits in every JavaScript engine. Missing values: affine takes `fill`; oneHot the other slot, or zeros where there is
 * none; indicator and elements 0; a text no token. A column that the data lack counts as missing (an older model, judged on newer columns).
 * Throws MODEL_INVALID when a column has another type than the feature was fitted on.
 */
export function compileTransform(transform: Transform): CompiledTransform {
  const { width } = transform
  const features = transform.features.map(compileFeature)
  const starts = startsOf(features)
  return {
    width,
    tokens: tokensOfTransform(transform),
    label: transform.label,
    applyColumns(columns, into = new Float32Array(columns.rows * width), atRow = 0) {
      features.forEach((feature, f) => {
        const column = columns.byName[feature.column]
        const target = { rows: columns.rows, out: into, at: atRow * width + starts[f]!, stride: width }
        if (column === undefined) fillMissing(feature, target)
        else feature.fromColumn(column, target)
      })
      requireFinite(transform, columns, into.subarray(atRow * width, (atRow + columns.rows) * width))
      return into
    },
    applyRow(row) {
      const out = new Float32Array(width)
      features.forEach((feature, f) => {
        feature.fromValue(row[feature.column] ?? null, out, starts[f]!)
      })
      return out
    },
  }
}

function fillMissing(feature: CompiledFeature, { rows, out, at, stride }: Target): void {
  for (let row = 0; row < rows; row++) feature.fromValue(null, out, at + row * stride)
}

/** Throws FEATURE_OVERFLOW with the first bad value of `inputs`, [rows, width], and where it came from. */
function requireFinite({ features, width }: Transform, columns: Columns, inputs: Float32Array): void {
  let sum = 0 // of float32 in float64: finite exactly if each of them is
  for (let i = 0; i < inputs.length; i++) sum += inputs[i]!
  if (Number.isFinite(sum)) return
  const at = inputs.findIndex((input) => !Number.isFinite(input))
  const row = Math.floor(at / width)
  const { column, encode } = columnOfInput(features, at % width)
  const source = columns.byName[column]
  const value = source?.type === 'float64' && isValid(source.valid, row) ? source.values[row] : `what ${encode} makes`
  throw failure('FEATURE_OVERFLOW', { column, found: `${value} in ${placeOf(columns, row)}` })
}

/** The feature that makes this input of a row. */
export function columnOfInput(features: readonly FittedFeature[], input: number): FittedFeature {
  let end = 0
  return features.find(({ width }) => {
    end += width
    return input < end
  })!
}

/** Such a text is a transform's only feature. */
function tokensOfTransform({ features }: Transform): FittedTokens | null {
  const [first] = features
  return first?.encode === 'tokens' && first.context !== undefined ? first : null
}

function startsOf(features: readonly CompiledFeature[]): number[] {
  let next = 0
  return features.map((feature) => {
    const start = next
    next += feature.width
    return start
  })
}

function compileFeature(feature: FittedFeature): CompiledFeature {
  switch (feature.encode) {
    case 'affine':
      return compileAffine(feature)
    case 'oneHot':
      return compileOneHot(feature)
    case 'elements':
      return compileElements(feature)
    case 'indicator':
      return compileIndicator(feature)
    case 'tokens':
      return compileTokens(feature)
  }
}

type Affine = Extract<FittedFeature, { encode: 'affine' }>

function compileAffine(feature: Affine): CompiledFeature {
  const { column, log, fill } = feature
  const missing = scaled(fill, feature)
  const compute = (x: number): number => scaled(log ? log1p(x) : x, feature)
  return {
    column,
    width: 1,
    fromColumn(source, target) {
      if (source.type !== 'float64') throw wrongType(column, 'float64', source)
      const values = log ? source.values.map(log1p) : source.values
      fillScaled(values, source.valid, { feature, missing, target })
    },
    fromValue(value, out, at) {
      out[at] = typeof value === 'number' ? compute(value) : missing
    },
  }
}

/** + 0: never −0, which JSON cannot hold. */
function scaled(value: number, { low, high, offset, factor }: Affine): number {
  const clipped = value < low ? low : value > high ? high : value
  return (clipped - offset) * factor + 0
}

/** As `scaled`, with the formula in the loop: a call that returns a float64 makes an object of it. */
function fillScaled(
  values: Float64Array,
  valid: Validity,
  { feature, missing, target }: { readonly feature: Affine; readonly missing: number; readonly target: Target },
): void {
  const { low, high, offset, factor } = feature
  const { rows, out, at, stride } = target
  for (let row = 0, to = at; row < rows; row++, to += stride) {
    const value = values[row]!
    const clipped = value < low ? low : value > high ? high : value
    out[to] = isValid(valid, row) ? (clipped - offset) * factor + 0 : missing
  }
}

function compileOneHot(feature: Extract<FittedFeature, { encode: 'oneHot' }>): CompiledFeature {
  const { column, values, other, width } = feature
  const slots = new Map(values.map((value, slot) => [value, slot]))
  const unknown = other ? values.length : -1
  const slotOf = (text: string): number => slots.get(text) ?? unknown
  const write = (slot: number, out: Float32Array, at: number): void => {
    for (let i = at; i < at + width; i++) out[i] = 0 // a call of fill takes longer for a few
    if (slot >= 0) out[at + slot] = 1
  }
  return {
    column,
    width,
    fromColumn(source, { rows, out, at, stride }) {
      if (source.type !== 'dictionary') throw wrongType(column, 'dictionary', source)
      const { codes, dictionary, valid } = source
      const slotOfCode = Int32Array.from(dictionary, slotOf)
      for (let row = 0, to = at; row < rows; row++, to += stride)
        write(isValid(valid, row) ? slotOfCode[codes[row]!]! : unknown, out, to)
    },
    fromValue: (value, out, at) => write(typeof value === 'string' ? slotOf(value) : unknown, out, at),
  }
}

function compileElements(feature: Extract<FittedFeature, { encode: 'elements' }>): CompiledFeature {
  const { column, offset, factor, width } = feature
  const write = (values: Uint8Array | Float32Array, from: number, out: Float32Array, at: number): void => {
    for (let i = 0; i < width; i++) out[at + i] = (values[from + i]! - offset) * factor + 0
  }
  const writeMissing = (out: Float32Array, at: number): void => {
    out.fill(0, at, at + width)
  }
  return {
    column,
    width,
    fromColumn(source, { rows, out, at, stride }) {
      if (source.type !== 'list' || source.width !== width) throw wrongType(column, `list of ${width}`, source)
      const { values, valid } = source
      for (let row = 0, to = at; row < rows; row++, to += stride)
        if (isValid(valid, row)) write(values, row * width, out, to)
        else writeMissing(out, to)
    },
    fromValue(value, out, at) {
      // columns hold elements as bytes or float32: a request's numbers are rounded to float32 first, which is exact for bytes
      if (typeof value === 'object' && value !== null) write(Float32Array.from(value), 0, out, at)
      else writeMissing(out, at)
    },
  }
}

function compileIndicator(feature: Extract<FittedFeature, { encode: 'indicator' }>): CompiledFeature {
  const { column } = feature
  return {
    column,
    width: 1,
    fromColumn(source, { rows, out, at, stride }) {
      if (source.type !== 'bool') throw wrongType(column, 'bool', source)
      const { values, valid } = source
      for (let row = 0, to = at; row < rows; row++, to += stride) out[to] = isValid(valid, row) ? values[row]! : 0
    },
    fromValue(value, out, at) {
      out[at] = value === 1 ? 1 : 0
    },
  }
}

function wrongType(column: string, expected: string, found: Column): Error {
  const shown = found.type === 'list' ? `list of ${found.width}` : found.type
  return failure('MODEL_INVALID', {
    model: `feature ${column}`,
    expected: `a column of type ${expected}`,
    found: shown,
  })
}
