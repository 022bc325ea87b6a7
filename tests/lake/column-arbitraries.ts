// Random columns of every type, for properties: holes anywhere, spare array space, garbage behind missing rows.
import fc from 'fast-check'
import { type Column, type Columns, isValid, type Validity } from '../../schemas/columns.ts'

export const columns: fc.Arbitrary<Columns> = fc
  .integer({ min: 0, max: 40 })
  .chain((rows) => fc.record({ rows: fc.constant(rows), byName: fc.dictionary(name, column(rows), { maxKeys: 6 }) }))

// vitest's comparison cannot look into objects with own properties such as "constructor"
const name: fc.Arbitrary<string> = fc
  .oneof(fc.constantFrom('_offset', 'a', 'größe', 'x y'), fc.string({ minLength: 1 }))
  .filter((each) => !(each in {}))

function column(rows: number): fc.Arbitrary<Column> {
  return fc.oneof(strings(rows), numbers(rows), dictionary(rows), list(rows))
}

function validity(rows: number): fc.Arbitrary<Validity> {
  const bytes = (rows + 7) >> 3
  return fc.oneof(
    fc.constant(null),
    fc.constant(new Uint8Array(bytes)),
    // spare bytes and spare bits are set at random too
    fc.uint8Array({ minLength: bytes, maxLength: bytes + 2 }),
  )
}

function strings(rows: number): fc.Arbitrary<Column> {
  const cells = fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { minLength: rows, maxLength: rows })
  return fc
    .record({
      type: fc.constantFrom('utf8' as const, 'binary' as const),
      cells,
      valid: validity(rows),
      before: fc.nat(3),
    })
    .map(({ type, cells, valid, before }) => {
      const encoded = cells.map((cell) => Buffer.from(cell))
      const offsets = new Int32Array(rows + 2)
      offsets[0] = before
      for (const [row, { length }] of encoded.entries()) offsets[row + 1] = offsets[row]! + length
      const bytes = Buffer.concat([Buffer.alloc(before), ...encoded, Buffer.from('spare')])
      return { type, offsets, bytes: new Uint8Array(bytes), valid }
    })
}

function numbers(rows: number): fc.Arbitrary<Column> {
  const exactly = { minLength: rows, maxLength: rows + 3 }
  const valid = validity(rows)
  return fc.oneof(
    fc.record({ type: fc.constant('float64' as const), values: fc.float64Array(exactly), valid }),
    fc.record({ type: fc.constant('int32' as const), values: fc.int32Array(exactly), valid }),
    fc.record({ type: fc.constant('int64' as const), values: fc.bigInt64Array(exactly), valid }),
    fc.record({ type: fc.constant('bool' as const), values: fc.uint8Array({ ...exactly, max: 1 }), valid }),
  )
}

function dictionary(rows: number): fc.Arbitrary<Column> {
  const words = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 })
  const filled = words.chain((dictionary) =>
    fc.record({
      type: fc.constant('dictionary' as const),
      codes: fc.int32Array({ min: 0, max: dictionary.length - 1, minLength: rows, maxLength: rows }),
      dictionary: fc.constant(dictionary),
      valid: validity(rows),
    }),
  )
  const empty: Column = {
    type: 'dictionary',
    codes: new Int32Array(rows),
    dictionary: [],
    valid: new Uint8Array((rows + 7) >> 3),
  }
  return fc.oneof(filled, fc.constant(empty))
}

function list(rows: number): fc.Arbitrary<Column> {
  return fc.integer({ min: 1, max: 5 }).chain((width) => {
    const exactly = { minLength: rows * width, maxLength: rows * width + 2 }
    return fc.record({
      type: fc.constant('list' as const),
      width: fc.constant(width),
      values: fc.oneof<fc.Arbitrary<Uint8Array | Float32Array>[]>(fc.uint8Array(exactly), fc.float32Array(exactly)),
      valid: validity(rows),
    })
  })
}

/** What the rows say, value by value: the obvious reading that the arrays are compared by. */
export function rowsOf({ rows, byName }: Columns): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(Object.entries(byName).map(([key, each]) => [key, valueAt(each, row)])),
  )
}

function valueAt(column: Column, row: number): unknown {
  if (!isValid(column.valid, row)) return null
  switch (column.type) {
    case 'utf8':
    case 'binary':
      return Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString('hex')
    case 'dictionary':
      return column.dictionary[column.codes[row]!]
    case 'list':
      return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    default:
      return column.values[row]
  }
}
