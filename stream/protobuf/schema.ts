// The text of .proto files → message types, by the protobufjs parser.
import protobuf from 'protobufjs'
import { SchemaProblem } from '../rows/schema-problem.ts'

export interface ProtoFiles {
  /** the file that records are written with */
  readonly text: string
  /** what it imports, by the name that it imports */
  readonly imports?: readonly { readonly name: string; readonly text: string }[]
}

/** Files that Confluent's registry has by itself. */
const CONFLUENT: Readonly<Record<string, string>> = {
  'confluent/meta.proto': 'syntax = "proto3"; package confluent;',
  'confluent/type/decimal.proto':
    'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
}

/** Messages of the file itself, outermost first, in the order of the text: what message indexes count. Throws SchemaProblem. */
export function parseProto({ text, imports = [] }: ProtoFiles): readonly protobuf.Type[] {
  const root = new protobuf.Root()
  const texts = new Map(imports.map(({ name, text }) => [name, text]))
  const parsed = new Set<string>()
  const open = (source: string, name: string): protobuf.IParserResult => {
    const result = parseOne(root, source, name)
    for (const wanted of [...(result.imports ?? []), ...(result.weakImports ?? [])]) {
      if (parsed.has(wanted)) continue
      parsed.add(wanted)
      include(wanted)
    }
    return result
  }
  const include = (name: string): void => {
    const source = texts.get(name) ?? CONFLUENT[name]
    if (source !== undefined) return void open(source, name)
    const known = protobuf.common.get(name)
    if (known?.nested === undefined) throw new SchemaProblem(`expected the imported file ${name}, found none`)
    root.addJSON(known.nested)
  }
  const own = parseOne(new protobuf.Root(), text, 'the schema')
  open(text, 'the schema')
  resolveAll(root)
  return namesOf(own).map((name) => root.lookupType(name))
}

function parseOne(root: protobuf.Root, text: string, name: string): protobuf.IParserResult {
  try {
    return protobuf.parse(text, root, { keepCase: true })
  } catch (error) {
    throw new SchemaProblem(`expected ${name} in the language of .proto files: ${(error as Error).message}`)
  }
}

function resolveAll(root: protobuf.Root): void {
  try {
    root.resolveAll()
  } catch (error) {
    throw new SchemaProblem(`expected types that are declared: ${(error as Error).message}`)
  }
}

/** Full names of the messages at the top of a file that was parsed alone. */
function namesOf({ root, package: name }: protobuf.IParserResult): string[] {
  const space = name === undefined ? root : root.lookup(name)
  return messagesIn(space as protobuf.NamespaceBase).map((type) => type.fullName.replace(/^\./, ''))
}

export function messagesIn(space: protobuf.NamespaceBase): protobuf.Type[] {
  return space.nestedArray.filter((inner) => inner instanceof protobuf.Type)
}

/** The message of this name, or the only one. Throws SchemaProblem. */
export function messageNamed(messages: readonly protobuf.Type[], name: string | undefined): protobuf.Type {
  const names = messages.map(fullName)
  if (name === undefined) {
    if (messages.length === 1) return messages[0]!
    throw new SchemaProblem(`expected message: one of ${names.join(', ')}, found none`)
  }
  const found = everyMessage(messages).find((type) => fullName(type) === name || type.name === name)
  if (found === undefined) throw new SchemaProblem(`expected message ${name} among ${names.join(', ')}, found none`)
  return found
}

function everyMessage(messages: readonly protobuf.Type[]): protobuf.Type[] {
  return messages.flatMap((type) => [type, ...everyMessage(messagesIn(type))])
}

export const fullName = (type: protobuf.ReflectionObject): string => type.fullName.replace(/^\./, '')
