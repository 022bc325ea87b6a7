// stream/bytes leaves results of reads in module-level variables: nobody outside knows them.
import { expect, test } from 'vitest'
import { code, product, read } from './tree.ts'

const ROOM = 'stream/bytes/'
/** What a file leaves for others of the room, by the file. docs/reference/byte-readers.md explains each. */
const STATE: Readonly<Record<string, string>> = {
  'stream/bytes/scan-number.ts': 'scanned',
  'stream/bytes/scan-string.ts': 'found',
  'stream/bytes/wire-read.ts': 'held',
}

const inside = (file: string): boolean => file.startsWith(ROOM) || file.startsWith(`tests/${ROOM}`)

/** Names that a file imports from files whose path ends like `target`. */
function namesFrom(file: string, target: string): string[] {
  const statements = [...read(file).matchAll(/^import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/gm)]
  return statements
    .filter(([, , from]) => from!.endsWith(target.slice(target.lastIndexOf('/'))))
    .flatMap(([, names]) => names!.split(',').map((name) => name.trim().split(/\s+as\s+/)[0]!))
}

/** Exported variables whose contents change: typed arrays and objects that are not `as const`, and every `let`. */
function changing(file: string): string[] {
  const declared = [...read(file).matchAll(/^export (let|const) (\w+)[^=\n]*= (.*)$/gm)]
  return declared
    .filter(
      ([whole, kind, , value]) => kind === 'let' || (/^(new |\{|\[|Buffer\.)/.test(value!) && !isConst(file, whole)),
    )
    .map(([, , name]) => name!)
}

/** Whether the literal that begins with this line ends `as const`. */
function isConst(file: string, line: string): boolean {
  const text = read(file)
  const rest = text.slice(text.indexOf(line))
  return line.endsWith('as const') || /^[^\n]*\{\n( .*\n)*\} as const/.test(rest)
}

test('the list of shared variables is complete', () => {
  const files = product.filter((file) => file.startsWith(ROOM))
  const found = Object.fromEntries(
    files.map((file) => [file, changing(file).join()]).filter(([, names]) => names !== ''),
  )
  expect(found).toEqual(STATE)
})

test('nobody outside imports them', () => {
  const outside = code.filter((file) => !inside(file))
  const knowing = outside.filter((file) =>
    Object.entries(STATE).some(([target, name]) => namesFrom(file, target).includes(name)),
  )
  expect(knowing).toEqual([])
  expect(product.filter(inside).some((file) => namesFrom(file, 'stream/bytes/wire-read.ts').includes('held'))).toBe(
    true,
  )
})

test('decoders outside have no variables that outlive a call', () => {
  const decoders = product.filter((file) => /^stream\/(json|avro|protobuf|rows)\//.test(file))
  expect(decoders).not.toEqual([])
  expect(
    decoders.filter((file) =>
      /^(export )?let |^(export )?const \w+[^=\n]*= new (Float64Array|DataView)/m.test(read(file)),
    ),
  ).toEqual([])
})

test('the page names each of them', () => {
  const page = read('docs/reference/byte-readers.md')
  expect(
    Object.entries(STATE).filter(
      ([file, name]) => !page.includes(`\`${name}\``) || !page.includes(file.slice(ROOM.length)),
    ),
  ).toEqual([])
})
