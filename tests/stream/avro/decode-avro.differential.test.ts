// The direct path against the program that makes values: random schemas, resolutions and records, whole and damaged.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { avroValueDecoder } from '../../../stream/avro/decode-avro.ts'
import { avroProgram } from '../../../stream/avro/program.ts'
import { parseAvroSchema } from '../../../stream/avro/schema.ts'
import { bytesDecoder } from '../../../stream/bytes/decode-bytes.ts'
import { decodeAll } from '../both-paths.ts'
import { randomAvro, randomColumns, randomReader } from './random-avro.ts'

describe('avroValueDecoder', () => {
  test('agrees with the program bit for bit', () => {
    let rows = 0
    let direct = 0
    let rejects = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
        const random = seededRandom(seed)
        const { schema, encode } = randomAvro(random)
        const writer = parseAvroSchema(JSON.stringify(schema))
        const reader = random() < 0.5 ? writer : parseAvroSchema(JSON.stringify(randomReader(schema, random)))
        const specs = randomColumns(schema, random)
        const values = Array.from({ length: 25 }, () => encode())
        const found = decodeAll(values, specs, (collector) => avroValueDecoder({ writer, reader }, specs, collector))
        const program = avroProgram(writer, reader, specs)
        const expected = decodeAll(values, specs, (collector) =>
          bytesDecoder({ program, direct: () => -1, what: 'Avro of this schema', specs, rows: collector }),
        )
        expect(found.rejects).toEqual(expected.rejects)
        expect(found.columns).toEqual(expected.columns)
        rows += expected.columns?.rows ?? 0
        rejects += expected.rejects.length
        direct += found.direct
      }),
      { numRuns: 800 },
    )
    // neither path may hold the property alone
    expect(rows).toBeGreaterThan(2000)
    expect(rejects).toBeGreaterThan(2000)
    expect(direct).toBe(rows)
  })
})
