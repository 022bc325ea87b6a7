// The words that differ between two settings, as a person reads them.
import { expect, test } from 'vitest'
import { tellDifferences } from '../../lake/differences.ts'
import { settingsOf } from '../../plan/recipe.ts'
import type { Plan } from '../../schemas/plan.ts'
import { aPlan } from '../workflows/builders.ts'

const plan = aPlan()
const optimizer = { ...plan.train.optimizer, rate: 0.02 }
const [id, x, y] = plan.columns

test.each<[string, Partial<Plan>, string]>([
  ['a number', { train: { ...plan.train, optimizer } }, 'train.optimizer.rate 0.01 → 0.02'],
  [
    'two words',
    { train: { ...plan.train, optimizer, epochs: 4 } },
    'train.optimizer.rate 0.01 → 0.02, train.epochs 3 → 4',
  ],
  ['a word that is new', { train: { ...plan.train, patience: 2 } }, 'train.patience is new: 2'],
  [
    'a short list',
    { train: { ...plan.train, model: { kind: 'mlp', hidden: [8, 4], activation: 'relu', dropout: 0 } } },
    'train.model.hidden [] → [8,4]',
  ],
])('of %s in training', (_what, changes, words) => {
  expect(tellDifferences(settingsOf(plan).train, settingsOf(aPlan(changes)).train)).toBe(words)
})

test.each<[string, Partial<Plan>, string]>([
  ['a bound', { columns: [id!, { name: 'x', kind: 'number', min: 0 }, y!] }, 'columns.x.min is new: 0'],
  [
    'a column in front',
    { columns: [{ name: 'a', kind: 'flag' }, ...plan.columns] },
    'columns.a is new: {"name":"a","kind":"flag"}',
  ],
  ['a column that is gone', { columns: [id!, y!] }, 'columns.x is gone, was {"name":"x","kind":"number"}'],
  [
    'a name that is no word',
    { columns: [...plan.columns, { name: 'a|b', kind: 'flag' }] },
    'columns["a|b"] is new: {"name":"a|b","kind":"flag"}',
  ],
  [
    'a name that objects have',
    { columns: [...plan.columns, { name: 'constructor', kind: 'flag' }] },
    'columns.constructor is new: {"name":"constructor","kind":"flag"}',
  ],
  ['the order alone', { columns: [x!, id!, y!] }, 'columns in another order'],
  [
    'an encoding',
    { features: [{ column: 'x', encode: 'scale' }] },
    'features.x.encode "standardize" → "scale", features.x.log is gone, was false',
  ],
  ['a split', { split: { ...plan.split, train: 0.7, test: 0.2 } }, 'split.train 0.8 → 0.7, split.test 0.1 → 0.2'],
])('of %s in the data', (_what, changes, words) => {
  expect(tellDifferences(settingsOf(plan).clean, settingsOf(aPlan(changes)).clean)).toBe(words)
})

test('of a gate', () => {
  const gates = [{ gate: 'atLeast', metric: 'accuracy', value: 0.95 }] as const
  expect(tellDifferences(settingsOf(plan).evaluate, settingsOf(aPlan({ gates })).evaluate)).toBe(
    'gates[0].value 0.9 → 0.95',
  )
})

const values = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `value ${from + i}`)

test.each<[string, unknown, unknown, string]>([
  ['values that came', values(10_000), values(10_002), 'with "value 10000" and 1 more'],
  ['values that went', values(10_000, 1), values(9_999, 1), 'without "value 10000"'],
  ['both', values(10_000), values(10_000, 1), 'with "value 10000" and without "value 0"'],
  ['their order', values(10_000), values(10_000).reverse(), 'in another order'],
])('of ten thousand values tells %s', (_what, before, now, words) => {
  expect(tellDifferences({ values: before }, { values: now })).toBe(`values ${words}`)
})

test('however much differs, a line is told', () => {
  const wide = (text: string) => Object.fromEntries(values(2_000).map((name) => [name.repeat(20), text.repeat(10_000)]))
  const line = tellDifferences(wide('a'), wide('b'))
  expect(line.length).toBeLessThan(700)
  expect(line).toMatch(/and 1997 more$/)
  expect(line).not.toContain('\n')
})

test('a text with line breaks stays on its line', () => {
  expect(tellDifferences({ schema: 'a\nb' }, { schema: 'a\nc' })).toBe('schema "a\\nb" → "a\\nc"')
})
