// The diagnosis events: all patients once, in two batches, and the published class counts.
import { expect, test } from 'vitest'
import { parseValue } from '../../core/values.ts'
import { events } from '../../pipelines/diagnosis/events.ts'
import diagnosis from '../../pipelines/diagnosis/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'

const plan = resolvePipeline(diagnosis)
type Patient = Record<string, unknown>

function patients(batch: number): Map<string, Patient> {
  const list = [...events({ batch, seed: 1 })].filter(({ key }) => key.startsWith('wdbc-'))
  return new Map(list.map(({ key, value }) => [key, JSON.parse(String(value)) as Patient]))
}

test('two batches hold every patient once', () => {
  const first = patients(1)
  const second = patients(2)
  expect([first.size, second.size]).toEqual([400, 169])
  const all = new Map([...first, ...second])
  expect(all.size).toBe(569)
  expect([...all.values()].filter(({ malignant }) => malignant)).toHaveLength(212)
})

test('every value fits its column', () => {
  for (const patient of patients(2).values()) {
    for (const column of plan.columns) {
      const parsed = parseValue(column, patient[column.name])
      expect(parsed.ok && parsed.value !== null, `${patient.id} ${column.name}`).toBe(true)
    }
  }
})

test('values are those of the published file', () => {
  // first row of sklearn.datasets.load_breast_cancer()
  const patient = patients(1).get('wdbc-001') ?? patients(2).get('wdbc-001')
  expect(patient).toMatchObject({ radiusMean: 17.99, areaMean: 1001, fractalDimensionWorst: 0.1189, malignant: true })
})

test('the batches are alike', () => {
  const share = (batch: number) => {
    const list = [...patients(batch).values()]
    return list.filter(({ malignant }) => malignant).length / list.length
  }
  expect(Math.abs(share(1) - share(2))).toBeLessThan(0.1)
})

test('another seed moves no patient to another batch', () => {
  const ids = (seed: number) => new Set([...events({ batch: 2, seed })].map(({ key }) => key))
  expect(ids(1)).toEqual(ids(2))
})

test('there is no third batch', () => {
  expect(() => [...events({ batch: 3, seed: 1 })]).toThrow('expected 1 or 2, found 3')
})
