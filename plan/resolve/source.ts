// The source of a definition → the plan's: topic, format, and where the schemas of its records come from.
import { flagOf, inside, type Place, refuse } from '../../schemas/check.ts'
import { type SourceSpec, sourceShape } from '../../schemas/plan.ts'
import { fieldOf, fieldsLike } from './word.ts'

/** A plan travels through workflow histories, so its schema has to stay small. */
const MAX_SCHEMA_BYTES = 128 * 1024

export function resolveSource(place: Place, value: unknown): SourceSpec {
  const { registry, ...fields } = fieldsLike(place, value, sourceShape.fields)
  const format = fieldOf(place, fields, sourceShape, 'format')
  const hasRegistry = registry !== undefined && flagOf(inside(place, 'registry'), registry)
  checkSchema(place, { format, hasRegistry, schema: fields.schema })
  if (fields.message !== undefined && (format !== 'protobuf' || hasRegistry))
    refuse(inside(place, 'message'), 'no message here: each record says its own', fields.message)
  return sourceShape.read(place, { ...fields, ...(hasRegistry ? { registry } : {}) })
}

function checkSchema(
  place: Place,
  {
    format,
    hasRegistry,
    schema,
  }: { readonly format: SourceSpec['format']; readonly hasRegistry: boolean; readonly schema: unknown },
): void {
  const at = inside(place, 'schema')
  if (schema === undefined) {
    if (format !== 'json' && !hasRegistry) refuse(at, `the ${format} schema of the records, or registry: true`, schema)
    return
  }
  if (format === 'json') refuse(at, 'no schema: JSON is read by the columns', schema)
  if (format === 'protobuf' && hasRegistry) refuse(at, "no schema: the registry has each writer's", schema)
  const bytes = typeof schema === 'string' ? Buffer.byteLength(schema) : 0
  if (bytes > MAX_SCHEMA_BYTES) refuse(at, `at most ${MAX_SCHEMA_BYTES} bytes`, `${bytes} bytes`)
}
