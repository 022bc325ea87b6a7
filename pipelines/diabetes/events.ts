// The patients of diabetes.csv as events: 300 in the first batch, the others in the second.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoEvent, type DemoOptions, failure, permutation, seededRandom } from 'sluice'

const FIRST_BATCH = 300
/** Decides which patient belongs to which batch, and nothing else: ids must not move between batches. */
const ORDER_SEED = 442

/** Every twentieth patient is sent twice; the first batch also holds one message that is not JSON and one patient whose year is not over. */
export function* events({ batch, count = Number.POSITIVE_INFINITY, seed }: DemoOptions): Iterable<DemoEvent> {
  const patients = batchOf(readPatients(), batch).slice(0, count)
  const random = seededRandom(seed)
  for (const patient of patients) {
    const event = { key: patient.id, value: JSON.stringify(patient) }
    yield event
    if (random() < 0.05) yield event
  }
  if (batch !== 1) return
  yield { key: 'broken', value: '{"id":"broken","bmi":' }
  yield { key: 'waiting', value: JSON.stringify({ ...patients[0], id: 'waiting', progression: null }) }
}

interface Patient {
  readonly id: string
  readonly [measure: string]: string | number
}

function batchOf(patients: readonly Patient[], batch: number): Patient[] {
  const [start, end] = batch === 1 ? [0, FIRST_BATCH] : [FIRST_BATCH, patients.length]
  if (batch !== 1 && batch !== 2) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'diabetes', expected: '1 or 2', found: batch })
  }
  return [...permutation(patients.length, seededRandom(ORDER_SEED)).subarray(start, end)].map((row) => patients[row]!)
}

function readPatients(): Patient[] {
  const [header = '', ...lines] = readFileSync(join(import.meta.dirname, 'diabetes.csv'), 'utf8')
    .trimEnd()
    .split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const fields = line.split(',').map((text, index) => [names[index], index === 0 ? text : Number(text)])
    return Object.fromEntries(fields) as Patient
  })
}
