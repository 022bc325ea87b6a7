// Protobuf values → rows: one program per message type.
import type protobuf from 'protobufjs'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type Cursor, readZigzag } from '../bytes/cursor.ts'
import { bytesDecoder } from '../bytes/decode-bytes.ts'
import type { DecodeValue, RowCollector } from '../rows/rows.ts'
import { BytesProblem, SchemaProblem } from '../rows/schema-problem.ts'
import { protobufDirectProgram } from './direct.ts'
import { protobufProgram } from './program.ts'
import { fullName, messagesIn } from './schema.ts'

export function protobufValueDecoder(
  type: protobuf.Type,
  specs: readonly ColumnSpec[],
  rows: RowCollector,
): DecodeValue {
  const program = protobufProgram(type, specs)
  const direct = protobufDirectProgram(type, { specs, fields: rows.fields })
  return bytesDecoder({ program, direct, what: `message ${fullName(type)}`, specs, rows })
}

/*
 * In Confluent's wire format the message comes behind its place in the schema:
 * MessageIndexes => count [index], zigzag VARINTs: from the outermost message inwards; a count of 0 stands for [0]
 */

/** Nested messages deeper than that are no messages that people write. */
const MAX_INDEXES = 16

/** Decodes values that begin with message indexes, by the messages of one schema. */
export function indexedProtobufDecoder(
  messages: readonly protobuf.Type[],
  specs: readonly ColumnSpec[],
  rows: RowCollector,
): DecodeValue {
  const decoders = new Map<string, DecodeValue>()
  return (record, start, end, prefix = '') => {
    try {
      const cursor: Cursor = { bytes: record.bytes, at: start, end, depth: 0 }
      const indexes = readIndexes(cursor)
      const key = indexes.join('.')
      let decoder = decoders.get(key)
      if (decoder === undefined) {
        decoder = protobufValueDecoder(messageAt(messages, indexes), specs, rows)
        decoders.set(key, decoder)
      }
      decoder(record, cursor.at, end, prefix)
    } catch (error) {
      if (!(error instanceof BytesProblem || error instanceof SchemaProblem)) throw error
      rows.reject(record, [prefix + error.message])
    }
  }
}

function readIndexes(cursor: Cursor): number[] {
  const count = Number(readZigzag(cursor))
  if (count < 0 || count > MAX_INDEXES)
    throw new BytesProblem(`expected 0 to ${MAX_INDEXES} message indexes, found ${count}`)
  return count === 0 ? [0] : Array.from({ length: count }, () => Number(readZigzag(cursor)))
}

function messageAt(messages: readonly protobuf.Type[], [index, ...rest]: readonly number[]): protobuf.Type {
  const message = messages[index!]
  if (message === undefined) throw new SchemaProblem(`expected one of ${messages.length} messages, found ${index}`)
  return rest.length === 0 ? message : messageAt(messagesIn(message), rest)
}
