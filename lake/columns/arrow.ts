// Columns ⇄ Arrow IPC file: typed arrays wrapped by makeData, no builders; equal columns give equal bytes.
import assert from 'node:assert/strict'
import {
  Binary,
  Bool,
  type Data,
  DataType,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Uint8,
  Utf8,
  Vector,
} from 'apache-arrow'
import type { Column, Columns } from '../../schemas/columns.ts'
import { countBits, packBits, unpackBits } from './bitmap.ts'
import { canonicalColumn } from './canonical.ts'
import { arrowFile, type BodyCodec } from './codec.ts'

/** Stands in the schema of every file, so that a later format can be told apart. */
const FORMAT = new Map([['sluice', '1']])

/**
 * An Arrow IPC file of one record batch, uncompressed unless `codec` says otherwise. The bytes depend on names, order and content only: spare array space,
 * values behind missing rows and all-ones bitmaps leave no trace, and every field is nullable so that all files of a source share one schema.
 * Dictionaries are written as given. Mapping: utf8 → Utf8, binary → Binary, float64 → Float64, int32 → Int32, int64 → Int64,
 * bool → Bool, dictionary → Dictionary<Int32, Utf8>, list → FixedSizeList<UInt8 | Float32>.
 */
export function encodeColumns({ rows, byName }: Columns, codec: BodyCodec = 'none'): Uint8Array {
  const fields: Field[] = []
  const children: Data[] = []
  for (const [name, column] of Object.entries(byName)) {
    const child = wrapColumn(canonicalColumn(column, rows), { rows, dictionaryId: fields.length })
    fields.push(new Field(name, child.type, true))
    children.push(child)
  }
  const rowsOf = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children })
  const batch = new RecordBatch(new Schema(fields, FORMAT), rowsOf)
  return arrowFile(batch, codec)
}

/**
 * The columns of `encodeColumns`: views of `bytes` (bool columns are unpacked into arrays of their own).
 * Where `bytes` starts at no multiple of 8, the library copies what would be misaligned. Refuses files with another layout by assertion: callers verify digests first.
 */
export function decodeColumns(bytes: Uint8Array): Columns {
  const batches = [...RecordBatchReader.from(bytes)]
  assert(batches.length === 1, `expected one record batch, found ${batches.length}`)
  const { schema, data, numRows } = batches[0]!
  const columns = schema.fields.map(({ name }, i): [string, Column] => [name, unwrapColumn(data.children[i]!)])
  return { rows: numRows, byName: Object.fromEntries(columns) }
}

/** `dictionaryId` is explicit: the library's own counter would make the bytes depend on what was written before. */
function wrapColumn(column: Column, { rows, dictionaryId }: { rows: number; dictionaryId: number }): Data {
  const slots = { length: rows, ...wrapValidity(column.valid, rows) }
  switch (column.type) {
    case 'utf8':
      return makeData({ type: new Utf8(), ...slots, valueOffsets: column.offsets, data: column.bytes })
    case 'binary':
      return makeData({ type: new Binary(), ...slots, valueOffsets: column.offsets, data: column.bytes })
    case 'float64':
      return makeData({ type: new Float64(), ...slots, data: column.values })
    case 'int32':
      return makeData({ type: new Int32(), ...slots, data: column.values })
    case 'int64':
      return makeData({ type: new Int64(), ...slots, data: column.values })
    case 'bool':
      return makeData({ type: new Bool(), ...slots, data: packBits(column.values, rows) })
    case 'dictionary': {
      const type = new Dictionary(new Utf8(), new Int32(), dictionaryId)
      return makeData({ type, ...slots, data: column.codes, dictionary: wrapStrings(column.dictionary) })
    }
    case 'list': {
      const child = wrapElements(column.values)
      const type = new FixedSizeList(column.width, new Field('item', child.type as DataType, false))
      return makeData({ type, ...slots, child })
    }
  }
}

function wrapValidity(valid: Uint8Array | null, rows: number): { nullCount: number; nullBitmap: Uint8Array | null } {
  return { nullCount: valid === null ? 0 : rows - countBits(valid, rows), nullBitmap: valid }
}

function wrapElements(values: Uint8Array | Float32Array): Data {
  return values instanceof Uint8Array
    ? makeData({ type: new Uint8(), length: values.length, nullCount: 0, data: values })
    : makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values })
}

function wrapStrings(strings: readonly string[]): Vector<Utf8> {
  const encoded = strings.map((text) => Buffer.from(text))
  const valueOffsets = new Int32Array(strings.length + 1)
  for (const [i, { length }] of encoded.entries()) valueOffsets[i + 1] = valueOffsets[i]! + length
  const data = new Uint8Array(Buffer.concat(encoded))
  return new Vector([makeData({ type: new Utf8(), length: strings.length, nullCount: 0, valueOffsets, data })])
}

function unwrapColumn(data: Data): Column {
  const { length: rows, type, nullCount } = data
  const valid = nullCount === 0 ? null : data.nullBitmap.subarray(0, (rows + 7) >> 3)
  // the reader builds the parent classes (Int, Float), hence predicates and widths instead of instanceof
  if (DataType.isUtf8(type)) return { type: 'utf8', ...unwrapStrings(data), valid }
  if (DataType.isBinary(type)) return { type: 'binary', ...unwrapStrings(data), valid }
  if (DataType.isBool(type)) return { type: 'bool', values: unpackBits(data.values, rows), valid }
  if (DataType.isDictionary(type)) {
    const dictionary = [...data.dictionary!] as string[]
    return { type: 'dictionary', codes: data.values.subarray(0, rows), dictionary, valid }
  }
  if (DataType.isFixedSizeList(type)) {
    const width = type.listSize
    return { type: 'list', width, values: data.children[0]!.values.subarray(0, rows * width), valid }
  }
  const values = data.values.subarray(0, rows)
  if (DataType.isFloat(type) && values instanceof Float64Array) return { type: 'float64', values, valid }
  if (DataType.isInt(type) && values instanceof Int32Array) return { type: 'int32', values, valid }
  if (DataType.isInt(type) && values instanceof BigInt64Array) return { type: 'int64', values, valid }
  return assert.fail(`unexpected Arrow type ${type}`)
}

/** The library keeps the file's padding in its arrays: cut to what belongs to the rows. */
function unwrapStrings({ length, valueOffsets, values }: Data): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = valueOffsets.subarray(0, length + 1) as Int32Array
  return { offsets, bytes: (values as Uint8Array).subarray(0, offsets[length]) }
}
