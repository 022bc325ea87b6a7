// What is said of labels before a training begins: one value alone is refused, a class that a split lacks is noted.
import { expect, it } from 'vitest'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { classNotes, requireLabelsThatDiffer } from '../../../stages/train/label-notes.ts'

const THREE = { task: 'category', column: 'kind', classes: ['ham', 'spam', 'bulk'] } as const satisfies PredictSpec
const FLAG = { task: 'probability', column: 'left' } as const satisfies PredictSpec
const NUMBER = { task: 'number', column: 'price' } as const satisfies PredictSpec
const of = (...labels: number[]) => Float32Array.from(labels)

it.each([
  [THREE, of(1, 1, 1), 'label kind: expected training rows of at least two values, found only "spam" in 3 rows'],
  [FLAG, of(0), 'label left: expected training rows of at least two values, found only "false" in 1 row'],
  [NUMBER, of(2.5, 2.5), 'label price: expected training rows of at least two values, found only 2.5 in 2 rows'],
])('one value alone teaches nothing: %o', (predict, labels, message) => {
  expect(() => requireLabelsThatDiffer(labels, predict)).toThrow(
    expect.objectContaining({ code: 'LABEL_CONSTANT', message }),
  )
})

it('two values and texts may be learnt', () => {
  requireLabelsThatDiffer(of(1, 1, 0), FLAG)
  requireLabelsThatDiffer(of(0, 0), { task: 'next', column: 'text' })
})

it('classes in every split need no note', () => {
  expect(classNotes({ train: of(0, 1), validate: of(1, 0), test: of(0, 1, 1) }, FLAG)).toEqual([])
})

it('a class that a split lacks is noted', () => {
  expect(classNotes({ train: of(0, 2, 2), validate: of(0, 0), test: of(0, 1, 1) }, THREE)).toEqual([
    'kind "spam" is not in every split (train 0, validate 0, test 2 rows): it cannot be learnt',
    'kind "bulk" is not in every split (train 2, validate 0, test 0 rows): it is not judged',
  ])
  expect(classNotes({ train: of(0, 1), validate: of(0), test: of(0, 1) }, FLAG)).toEqual([
    'left "true" is not in every split (train 1, validate 0, test 1 rows): no epoch is chosen by it',
  ])
})

it('many such classes are counted', () => {
  const classes = Array.from({ length: 12 }, (_, i) => `c${i}`)
  const notes = classNotes({ train: of(0, 1), validate: of(0, 1), test: of(0, 1) }, { ...THREE, classes })
  expect(notes).toHaveLength(9)
  expect(notes.at(-1)).toBe('and 2 more values of kind')
})
