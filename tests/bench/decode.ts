// Decoding alone, in this process: what reads from bytes into columns beside what makes values first.
import type { RawRecord } from '../../stream/record.ts'
import { columnKinds } from './decode-columns.ts'
import { type Kind, mixedKinds, type Opened } from './decode-kinds.ts'

/**
 * `[rounds] [part of a name]`, by default 5 and all. Prints two Markdown tables: records as they are in use, and records of one kind of column.
 * Medians of interleaved rounds in one process.
 */
export async function run([rounds = '5', part = '']: readonly string[]): Promise<void> {
  for (const kinds of [mixedKinds, columnKinds]) {
    console.log('| | bytes a record | k rows per CPU s, direct | by values | ratio |\n|---|---|---|---|---|')
    for (const kind of kinds().filter(({ name }) => name.includes(part))) console.log(rowOf(kind, Number(rounds)))
    console.log()
  }
}

function rowOf({ name, values, direct, byValues }: Kind, rounds: number): string {
  const records = recordsOf(values)
  const rates = { direct: [] as number[], byValues: [] as number[] }
  for (let round = 0; round <= rounds; round++) {
    const rate = { direct: rateOf(records, direct()), byValues: rateOf(records, byValues()) }
    if (round === 0) continue // compiles
    rates.direct.push(rate.direct)
    rates.byValues.push(rate.byValues)
  }
  const [fast, slow] = [median(rates.direct), median(rates.byValues)]
  const bytes = values.reduce((sum, { length }) => sum + length, 0) / values.length
  const cells = [name, bytes.toFixed(0), fast.toFixed(0), slow.toFixed(0), (fast / slow).toFixed(2)]
  return `| ${cells.join(' | ')} |`
}

/** As in a batch: one behind the other. */
function recordsOf(values: readonly Buffer[]): RawRecord[] {
  const bytes = Buffer.concat(values)
  let valueStart = 0
  return values.map(({ length }, offset) => {
    const place = { valueStart, valueLength: length, keyStart: 0, keyLength: -1, headersStart: 0, headersEnd: 0 }
    valueStart += length
    return { offset, timestamp: 0, bytes, ...place }
  })
}

/** Thousands of rows per CPU second. */
function rateOf(records: readonly RawRecord[], { rows, decode }: Opened): number {
  const before = process.cpuUsage()
  for (const record of records) decode(record, record.valueStart, record.valueStart + record.valueLength)
  const { columns, rejects } = rows.finish()
  if (columns?.rows !== records.length) throw new Error(`${columns?.rows} rows: ${rejects[0]?.reasons}`)
  const { user, system } = process.cpuUsage(before)
  return (records.length / (user + system)) * 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
