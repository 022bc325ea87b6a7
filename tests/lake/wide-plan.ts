// A plan as large as is promised to work: many columns and a category of many values, with events for it.
import type { Plan } from '../../schemas/plan.ts'
import { aPlan } from '../workflows/builders.ts'

export interface WidePlan {
  /** with the id, the category and the label */
  readonly columns: number
  /** of the category */
  readonly values: number
  readonly changes?: Partial<Plan>
}

const numbersOf = (columns: number): string[] => Array.from({ length: columns - 3 }, (_, i) => `measurement_${i}`)

export function aWidePlan({ columns, values, changes = {} }: WidePlan): Plan {
  const numbers = numbersOf(columns)
  return aPlan({
    columns: [
      { name: 'id', kind: 'id' },
      { name: 'category', kind: 'category', values: Array.from({ length: values }, (_, i) => `value ${i}`) },
      ...numbers.map((name) => ({ name, kind: 'number', min: 0, max: 1000 }) as const),
      { name: 'y', kind: 'flag' },
    ],
    features: [
      { column: 'category', encode: 'oneHot' },
      ...numbers.map((column) => ({ column, encode: 'standardize', log: false }) as const),
    ],
    ...changes,
  })
}

export function wideEvents({ columns, values }: WidePlan, count: number): { key: string; value: string }[] {
  const numbers = numbersOf(columns)
  return Array.from({ length: count }, (_, n) => {
    const measured = Object.fromEntries(numbers.map((name, i) => [name, (n * 31 + i * 7) % 1000]))
    const event = { id: `e${n}`, category: `value ${n % values}`, ...measured, y: n % 2 === 0 }
    return { key: `k${n}`, value: JSON.stringify(event) }
  })
}
