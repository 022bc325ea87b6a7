// The patients of wdbc.csv as events: 400 in the first batch, the others in the second.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoEvent, type DemoOptions, failure, permutation, seededRandom } from 'sluice'

const FIRST_BATCH = 400
/** Decides which patient belongs to which batch, and nothing else: ids must not move between batches. */
const ORDER_SEED = 569

/** Every twentieth patient is sent twice; the first batch also holds one message that is not JSON and one unknown diagnosis. */
export function* events({ batch, count = Number.POSITIVE_INFINITY, seed }: DemoOptions): Iterable<DemoEvent> {
  const patients = batchOf(readPatients(), batch).slice(0, count)
  const random = seededRandom(seed)
  for (const patient of patients) {
    const event = { key: patient.id, value: JSON.stringify(patient) }
    yield event
    if (random() < 0.05) yield event
  }
  if (batch !== 1) return
  yield { key: 'broken', value: '{"id":"broken","radiusMean":' }
  yield { key: 'waiting', value: JSON.stringify({ ...patients[0], id: 'waiting', malignant: null }) }
}

interface Patient {
  readonly id: string
  readonly malignant: boolean
  readonly [measure: string]: string | number | boolean
}

function batchOf(patients: readonly Patient[], batch: number): Patient[] {
  const [start, end] = batch === 1 ? [0, FIRST_BATCH] : [FIRST_BATCH, patients.length]
  if (batch !== 1 && batch !== 2) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'diagnosis', expected: '1 or 2', found: batch })
  }
  return [...permutation(patients.length, seededRandom(ORDER_SEED)).subarray(start, end)].map((row) => patients[row]!)
}

function readPatients(): Patient[] {
  const [header = '', ...lines] = readFileSync(join(import.meta.dirname, 'wdbc.csv'), 'utf8')
    .trimEnd()
    .split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const fields = line.split(',').map((text, index) => [names[index], parse(text)])
    return Object.fromEntries(fields) as Patient
  })
}

function parse(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.startsWith('wdbc-') ? text : Number(text)
}
