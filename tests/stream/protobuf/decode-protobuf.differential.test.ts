// The direct path against the program that makes values: random messages, in order and not, whole and damaged.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { bytesDecoder } from '../../../stream/bytes/decode-bytes.ts'
import { protobufValueDecoder } from '../../../stream/protobuf/decode-protobuf.ts'
import { protobufProgram } from '../../../stream/protobuf/program.ts'
import { messageNamed, parseProto } from '../../../stream/protobuf/schema.ts'
import { decodeAll } from '../both-paths.ts'
import { columnValues } from '../cells.ts'
import { varint } from '../random-values.ts'
import { randomProtobuf } from './random-protobuf.ts'

describe('protobufValueDecoder', () => {
  test('agrees with the program bit for bit', () => {
    let rows = 0
    let direct = 0
    let rejects = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
        const { text, encode, columns } = randomProtobuf(seededRandom(seed))
        const type = messageNamed(parseProto({ text }), 'M')
        const values = Array.from({ length: 25 }, () => encode())
        const found = decodeAll(values, columns, (collector) => protobufValueDecoder(type, columns, collector))
        const program = protobufProgram(type, columns)
        const expected = decodeAll(values, columns, (collector) =>
          bytesDecoder({ program, direct: () => -1, what: 'message M', specs: columns, rows: collector }),
        )
        expect(found.rejects).toEqual(expected.rejects)
        expect(found.columns).toEqual(expected.columns)
        rows += expected.columns?.rows ?? 0
        rejects += expected.rejects.length
        direct += found.direct
      }),
      { numRuns: 400 },
    )
    // neither path may hold the property alone; about 800 and 60 are usual
    expect(direct).toBeGreaterThan(100)
    expect(rows - direct).toBeGreaterThan(10)
    expect(rejects).toBeGreaterThan(500)
  })

  test('rows are the same after it gave up', () => {
    const specs: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
    ]
    const type = messageNamed(
      parseProto({ text: 'syntax = "proto3"; message M { string id = 1; uint32 x = 2; }' }),
      'M',
    )
    const usual = Buffer.from([10, 1, 65, 16, 7])
    const reversed = Buffer.from([16, 7, 10, 1, 65])
    const values = [usual, ...Array<Buffer>(100).fill(reversed), usual]
    const { columns, direct } = decodeAll(values, specs, (rows) => protobufValueDecoder(type, specs, rows))
    expect(direct).toBe(1)
    expect(columnValues(columns!, 'id')).toEqual(values.map(() => 'A'))
    expect(columnValues(columns!, 'x')).toEqual(values.map(() => 7))
  })

  test('timestamps of every form are the same', () => {
    const specs: readonly ColumnSpec[] = [{ name: 'at', kind: 'time' }]
    const text =
      'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp at = 1; }'
    const type = messageNamed(parseProto({ text }), 'M')
    const seconds = (count: bigint): Buffer => Buffer.concat([Buffer.from([8]), varint(count)])
    const nanos = (count: bigint): Buffer => Buffer.concat([Buffer.from([16]), varint(count)])
    const usual = [seconds(1_700_000_000n), nanos(123_456_789n)]
    const forms = [
      ...[usual, usual.toReversed(), [...usual, nanos(5_000_000n)], [seconds(3n), ...usual], [], [nanos(-1n)]],
      ...[
        [seconds(8_640_000_000_000n)],
        [seconds(8_640_000_000_001n)],
        [seconds(-1n)],
        [...usual, Buffer.from([24, 1])],
      ],
    ]
    const values = forms.map((parts) => Buffer.concat([Buffer.from([10, Buffer.concat(parts).length]), ...parts]))
    const found = decodeAll(values, specs, (rows) => protobufValueDecoder(type, specs, rows))
    const program = protobufProgram(type, specs)
    const expected = decodeAll(values, specs, (rows) =>
      bytesDecoder({ program, direct: () => -1, what: 'message M', specs, rows }),
    )
    expect(found.rejects).toEqual(expected.rejects)
    expect(found.columns).toEqual(expected.columns)
    expect(columnValues(found.columns!, 'at')[0]).toBe(1_700_000_000_123)
  })
})
