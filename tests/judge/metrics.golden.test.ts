// Every metric against scikit-learn on the same float32 outputs.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { classReport, metricsOf } from '../../judge/metrics.ts'
import type { MetricName, PredictSpec } from '../../schemas/plan.ts'

interface Golden {
  readonly name: string
  readonly predict: PredictSpec
  readonly labels: number[]
  readonly outputs: number[]
  readonly expected: Partial<Record<MetricName, number>>
  /** per class: support, precision, recall, F1 */
  readonly classes: number[][]
  readonly confusion: number[][]
}

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/judging/metrics.json', import.meta.url), 'utf8'),
) as Golden[]

describe.each(golden)('$name', ({ predict, labels, outputs, expected, classes, confusion }) => {
  const answers = {
    predict,
    rows: labels.length,
    outputs: Float32Array.from(outputs),
    labels: Float32Array.from(labels),
  }

  test('has every metric of the task', () => {
    const found = metricsOf(answers)
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, value] of Object.entries(expected)) expect(found[name as MetricName], name).toBeCloseTo(value, 9)
  })

  test('reports each class', () => {
    const report = classReport(answers)
    expect(report.confusion).toEqual(confusion)
    report.classes.forEach(({ rows, precision, recall, f1 }, index) => {
      expect([precision, recall, f1]).toEqual(classes[index]!.slice(1).map((value) => expect.closeTo(value, 12)))
      expect(rows).toBe(classes[index]![0])
    })
    expect(report.classes.length).toBe(classes.length)
  })
})
