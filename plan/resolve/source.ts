// The source of a definition → the plan's: topic, format, and where the schemas of its records come from.
import type { SourceSpec } from '../../schemas/plan.ts'
import { fieldsOf, flagOf, inside, oneOf, type Place, refuse, textOf } from './check.ts'

/** Kafka's own limits; "." and ".." are not allowed as a whole. */
const TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/
/** A plan travels through workflow histories, so its schema has to stay small. */
const MAX_SCHEMA_BYTES = 128 * 1024

export function resolveSource(place: Place, value: unknown): SourceSpec {
  const fields = fieldsOf(place, value, {
    required: ['topic', 'format'],
    optional: ['schema', 'message', 'registry'],
  })
  const topicWords = 'a topic name of 1 to 249 letters, digits, ".", "_" and "-"'
  const format = oneOf(inside(place, 'format'), fields.format, ['json', 'avro', 'protobuf'])
  const hasRegistry = fields.registry !== undefined && flagOf(inside(place, 'registry'), fields.registry)
  return {
    topic: textOf(inside(place, 'topic'), fields.topic, TOPIC, topicWords),
    format,
    ...resolveSchema(place, { format, schema: fields.schema, hasRegistry }),
    ...resolveMessage(place, { format, message: fields.message, hasRegistry }),
    ...(hasRegistry ? { registry: true as const } : {}),
  }
}

interface Given {
  readonly format: SourceSpec['format']
  readonly hasRegistry: boolean
}

function resolveSchema(
  place: Place,
  { format, schema, hasRegistry }: Given & { readonly schema: unknown },
): { readonly schema?: string } {
  const at = inside(place, 'schema')
  if (schema === undefined) {
    if (format !== 'json' && !hasRegistry) refuse(at, `the ${format} schema of the records, or registry: true`, schema)
    return {}
  }
  if (format === 'json') refuse(at, 'no schema: JSON is read by the columns', schema)
  if (format === 'protobuf' && hasRegistry) refuse(at, "no schema: the registry has each writer's", schema)
  const text = textOf(at, schema)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_SCHEMA_BYTES) refuse(at, `at most ${MAX_SCHEMA_BYTES} bytes`, `${bytes} bytes`)
  return { schema: text }
}

function resolveMessage(
  place: Place,
  { format, message, hasRegistry }: Given & { readonly message: unknown },
): { readonly message?: string } {
  if (message === undefined) return {}
  const at = inside(place, 'message')
  if (format !== 'protobuf' || hasRegistry) refuse(at, 'no message here: each record says its own', message)
  return { message: textOf(at, message) }
}
