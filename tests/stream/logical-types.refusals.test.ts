// Values of Avro's and Protobuf's own types that no column holds: refused with what was found.
import { describe, expect, test } from 'vitest'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { decode } from './decoded.ts'
import { floatBytes, varint, zigzag } from './random-values.ts'

const ID: ColumnSpec = { name: 'id', kind: 'id' }
const long = (value: bigint): Buffer => varint(zigzag(value))
const counted = (bytes: Buffer): Buffer => Buffer.concat([long(BigInt(bytes.length)), bytes])

/** What a field x of this Avro type becomes in a column: its cell, or the reasons. */
async function avro(type: unknown, spec: Omit<ColumnSpec, 'name'>, bytes: Buffer): Promise<unknown> {
  const fields = [
    { name: 'id', type: 'int' },
    { name: 'x', type },
  ]
  const schema = JSON.stringify({ type: 'record', name: 'R', fields })
  const columns = [ID, { name: 'x', ...spec } as ColumnSpec]
  const { rows, rejects } = await decode({ format: 'avro', schema }, columns, [Buffer.concat([long(1n), bytes])])
  return rows[0] === undefined ? rejects[0] : rows[0].x
}

const time = { kind: 'time' } as const
const number = { kind: 'number' } as const
const DAYS = 'x: expected a time within 8640000000000000 milliseconds of 1970, found'

describe('Avro', () => {
  test.each([
    ['int', 'date', 100_000_001n, [`${DAYS} 100000001 days`]],
    ['int', 'date', 100_000_000n, 8.64e15],
    ['long', 'timestamp-millis', 8_640_000_000_000_001n, [`${DAYS} 8640000000000001 milliseconds`]],
    ['long', 'timestamp-micros', 2n ** 63n - 1n, [`${DAYS} 9223372036854775807 microseconds`]],
    ['long', 'timestamp-nanos', 2n ** 63n - 1n, 9_223_372_036_854],
    ['long', 'timestamp-micros', -1n, -1],
    ['int', 'time-millis', 0n, ['x: expected a time since the epoch, found time-millis, a time of day']],
    ['long', 'time-micros', 5n, ['x: expected a time since the epoch, found time-micros, a time of day']],
    [
      'long',
      undefined,
      8_640_000_000_000_001n,
      ['x: expected an RFC 3339 time or integer milliseconds, found 8640000000000001'],
    ],
  ] as const)('%s of %s: %d', async (type, logicalType, count, expected) => {
    expect(await avro({ type, logicalType }, time, long(count))).toEqual(expected)
  })

  test('a time of day is its integer elsewhere', async () => {
    expect(await avro({ type: 'int', logicalType: 'time-millis' }, number, long(86_399_999n))).toBe(86_399_999)
  })

  const decimal = (scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision: 60, scale })
  const unscaled = (value: bigint): Buffer => {
    const digits = BigInt.asUintN(256, value).toString(16).padStart(64, '0')
    return counted(Buffer.from(digits, 'hex'))
  }
  test.each([
    [0, 2n ** 53n + 1n, number, ['x: expected an integer that a 64-bit float holds exactly, found 9007199254740993']],
    [0, 2n ** 60n, number, 2 ** 60],
    [0, -5n, number, -5],
    [2, 2n ** 53n + 1n, number, 90_071_992_547_409.94],
    [0, 1_700_000_000_000n, time, 1_700_000_000_000],
    [2, 170_000_000_000_000n, time, 1_700_000_000_000],
    [2, 170_000_000_000_050n, time, ['x: expected an RFC 3339 time or integer milliseconds, found 1700000000000.5']],
    [
      9,
      1_700_000_000_000_000_000_001n,
      time,
      ['x: expected an RFC 3339 time or integer milliseconds, found 1700000000000.000000001'],
    ],
    [20, 10n ** 20n + 1n, { kind: 'flag' }, ['x: expected true or false, found 1.00000000000000000001']],
  ] as const)('a decimal of scale %i: %d', async (scale, value, spec, expected) => {
    expect(await avro(decimal(scale), spec, unscaled(value))).toEqual(expected)
  })

  test('doubles are no ids and times unless integers', async () => {
    const id = { kind: 'id' } as const
    expect(await avro('double', time, floatBytes(1.5, 8))).toEqual([
      'x: expected an RFC 3339 time or integer milliseconds, found 1.5',
    ])
    expect(await avro('double', id, floatBytes(1.5, 8))).toEqual([
      'x: expected a non-empty string or an integer, found 1.5',
    ])
    expect(await avro('double', id, floatBytes(2 ** 53, 8))).toEqual([
      'x: expected a non-empty string or an integer, found 9007199254740992',
    ])
    expect(await avro('double', id, floatBytes(5, 8))).toBe('5')
  })
})

describe('a Timestamp', () => {
  const schema =
    'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp at = 1; string id = 2; }'
  const timestamp = async (seconds: bigint, nanos: bigint): Promise<unknown> => {
    const parts = Buffer.concat([Buffer.from([8]), varint(seconds), Buffer.from([16]), varint(nanos)])
    const value = Buffer.concat([Buffer.from([10, parts.length]), parts, Buffer.from([18, 1, 65])])
    const columns: readonly ColumnSpec[] = [ID, { name: 'at', kind: 'time' }]
    const { rows, rejects } = await decode({ format: 'protobuf', schema, message: 'M' }, columns, [value])
    return rows[0] === undefined ? rejects[0] : rows[0].at
  }

  test.each([
    [1_700_000_000n, 999_999_999n, 1_700_000_000_999],
    [253_402_300_799n, 999_999_999n, 253_402_300_799_999],
    [-62_135_596_800n, 0n, -62_135_596_800_000],
    [-1n, 999_000_000n, -1],
    [253_402_300_800n, 0n, ['at: expected a Timestamp of the years 1 to 9999, found 253402300800 seconds']],
    [-62_135_596_801n, 0n, ['at: expected a Timestamp of the years 1 to 9999, found -62135596801 seconds']],
    [2n ** 63n - 1n, 0n, ['at: expected a Timestamp of the years 1 to 9999, found 9223372036854775807 seconds']],
    [1n, 1_000_000_000n, ['at: expected a Timestamp with 0 to 999999999 nanos, found 1000000000 nanos']],
    [-2n, -500_000_000n, ['at: expected a Timestamp with 0 to 999999999 nanos, found -500000000 nanos']],
  ] as const)('of %d seconds and %d nanos', async (seconds, nanos, expected) => {
    expect(await timestamp(seconds, nanos)).toEqual(expected)
  })
})
