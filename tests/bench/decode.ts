// The byte scanner beside JSON.parse, decoding only: flat events, and images as lists of 784 numbers.
import { seededRandom } from '../../core/random.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { jsonDecoder } from '../../stream/decode-json.ts'
import type { RawRecord } from '../../stream/record.ts'
import { benchEvents, EVENT_COLUMNS } from './events.ts'

/** A column of this name cannot be scanned, and then none is. */
const UNSCANNABLE: ColumnSpec = { name: 'constructor', kind: 'number' }

const IMAGE_COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'image', kind: 'numbers', length: 784, min: 0, max: 255, integers: true },
  { name: 'digit', kind: 'category', values: [...'0123456789'] },
]

/** Like handwritten digits: four fifths of the pixels are 0. */
function* images(count: number): Generator<string> {
  const random = seededRandom(7)
  for (let i = 0; i < count; i++) {
    const pixels = Array.from({ length: 784 }, () => (random() < 0.8 ? 0 : Math.floor(random() * 256)))
    yield `{"id":"img-${i}","image":[${pixels}],"digit":"${i % 10}"}`
  }
}

/** `[rounds]`, by default 5. Prints a Markdown table: medians of interleaved rounds in one process. */
export async function run([rounds = '5']: readonly string[]): Promise<void> {
  const kinds = [
    { name: 'events of 175 bytes', columns: EVENT_COLUMNS, values: [...benchEvents(250_000)] },
    { name: 'images of 784 numbers', columns: IMAGE_COLUMNS, values: [...images(10_000)] },
  ]
  console.log('| | k rows per CPU s, scanner | JSON.parse | ratio |\n|---|---|---|---|')
  for (const { name, columns, values } of kinds) {
    const records = recordsOf(values)
    const rates = { scan: [] as number[], parse: [] as number[] }
    for (let round = 0; round <= Number(rounds); round++) {
      const scan = rateOf(records, columns)
      const parse = rateOf(records, [...columns, UNSCANNABLE])
      if (round === 0) continue // compiles
      rates.scan.push(scan)
      rates.parse.push(parse)
    }
    const [scan, parse] = [median(rates.scan), median(rates.parse)]
    console.log(`| ${name} | ${scan.toFixed(0)} | ${parse.toFixed(0)} | ${(scan / parse).toFixed(2)} |`)
  }
}

function recordsOf(values: readonly string[]): RawRecord[] {
  const bytes = Buffer.from(values.join(''))
  let valueStart = 0
  return values.map((value, offset) => {
    const place = { valueStart, valueLength: value.length, keyStart: 0, keyLength: -1, headersStart: 0, headersEnd: 0 }
    valueStart += value.length
    return { offset, timestamp: 0, bytes, ...place }
  })
}

/** Thousands of rows per CPU second. */
function rateOf(records: readonly RawRecord[], columns: readonly ColumnSpec[]): number {
  const before = process.cpuUsage()
  const decoder = jsonDecoder(columns, 0)
  for (const record of records) decoder.add(record)
  const { columns: decoded } = decoder.finish()
  if (decoded?.rows !== records.length) throw new Error(`${decoded?.rows} of ${records.length} rows`)
  const { user, system } = process.cpuUsage(before)
  return (records.length / (user + system)) * 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
