// The word about the source: where the events come from.
import type { SourceSpec } from '../../schemas/plan.ts'

/** Records begin with a zero byte and a schema id, as Confluent's serializers write them. */
interface WithRegistry {
  readonly registry: true
}

type SourceFormat =
  /** one JSON object per record */
  | ({ readonly format: 'json' } & Partial<WithRegistry>)
  /** `schema`: that of all records, text or './file.avsc' */
  | { readonly format: 'avro'; readonly schema: string; readonly registry?: never }
  /** `schema`: the reader's, to which each writer's is resolved; absent: columns see the writer's */
  | ({ readonly format: 'avro'; readonly schema?: string } & WithRegistry)
  /** `schema`: text or './file.proto'; `message`: which of its messages the records are */
  | { readonly format: 'protobuf'; readonly schema: string; readonly message?: string; readonly registry?: never }
  | ({ readonly format: 'protobuf' } & WithRegistry)

/** Events of one Kafka topic. */
export function kafka(topic: string, options: SourceFormat): SourceSpec {
  return { topic, ...options }
}
