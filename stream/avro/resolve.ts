// Which writer's types a reader's type can take: https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
import type { AvroField, AvroRecord, AvroType } from './schema.ts'

const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** Whether values of `writer` can be read as `reader`. Names of records are compared in unions alone: elsewhere the fields decide. */
export function promotes(writer: AvroType, reader: AvroType): boolean {
  if (writer === reader || writer.type === 'union' || reader.type === 'union') return true // decided value by value
  if (writer.type === 'array' && reader.type === 'array') return promotes(writer.items, reader.items)
  if (writer.type === 'map' && reader.type === 'map') return promotes(writer.values, reader.values)
  if (writer.type === 'fixed' && reader.type === 'fixed') return writer.size === reader.size
  return writer.type === reader.type || (PROMOTIONS[writer.type]?.includes(reader.type) ?? false)
}

/** The branch of a reader's union for a writer's type: the same one if there is, else the first that takes it. */
export function matchingBranch(writer: AvroType, branches: readonly AvroType[]): AvroType | undefined {
  const sameName = branches.find((branch) => branch.type === writer.type && sameNames(writer, branch))
  return sameName ?? branches.find((branch) => promotes(writer, branch) && sameNames(writer, branch))
}

function sameNames(writer: AvroType, reader: AvroType): boolean {
  if (!('name' in writer) || !('name' in reader)) return true
  return lastName(writer.name) === lastName(reader.name) || reader.aliases.includes(writer.name)
}

const lastName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** The writer's field that a reader's field takes: by name, else by one of its aliases. */
export function writerField(record: AvroRecord, { name, aliases }: AvroField): AvroField | undefined {
  return (
    record.fields.find((field) => field.name === name) ?? record.fields.find((field) => aliases.includes(field.name))
  )
}
