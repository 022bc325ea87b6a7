// `personal`: where it may stand, and what may not look at such a column.
import { expect, test } from 'vitest'
import { column, drop, is, split } from '../../../index.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import type { PipelineDefinition } from '../../../plan/words/define.ts'
import { planShape } from '../../../schemas/plan.ts'
import { pipeline } from '../../pipelines/personal-pipeline.ts'

const changed = (changes: Partial<PipelineDefinition>) => () => resolvePipeline({ ...pipeline, ...changes })

test('the plan says what becomes of a column', () => {
  const plan = resolvePipeline(pipeline)
  expect(plan.columns.slice(0, 2)).toEqual([
    { name: 'id', kind: 'id', personal: 'hash' },
    { name: 'note', kind: 'text', maxBytes: 100, personal: 'drop' },
  ])
  expect(planShape.read({ what: 'plan', path: '' }, JSON.parse(JSON.stringify(plan)))).toEqual(plan)
})

test('only ids and texts can be personal', () => {
  const flag = { ...column.flag(), personal: 'hash' } as never
  expect(changed({ columns: { ...pipeline.columns, seen: flag } })).toThrow('other kinds cannot hold a hash')
})

test('an id can only be hashed', () => {
  const id = { ...column.id(), personal: 'mask' } as never
  expect(changed({ columns: { ...pipeline.columns, id } })).toThrow('hash')
})

test('a rule about a hash is refused', () => {
  const rules = { 'too long': drop.unless(is.longer('note', 5)) }
  expect(changed({ rules })).toThrow('a check that holds for a personal column with drop')
  expect(changed({ rules: { here: drop.unless(is.present('note')) } })).toThrow('personal column with drop')
  expect(changed({ rules: { here: drop.unless(is.present('id')) } })).not.toThrow()
})

test('a split needs values that differ', () => {
  const byNote = split.byHash('note', { train: 0.8, validate: 0.1, test: 0.1 })
  expect(changed({ split: byNote })).toThrow('a column whose values differ')
})
