// Which change of a definition redoes which stage.
import { expect, test } from 'vitest'
import type { PipelineDefinition } from '../../index.ts'
import { type Recipe, recipeOf } from '../../plan/recipe.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { small } from '../fixtures/pipelines/definitions.ts'

function redone(change: Partial<PipelineDefinition>): string[] {
  const before = recipeOf(resolvePipeline(small))
  const after = recipeOf(resolvePipeline({ ...small, ...change }))
  return (Object.keys(before) as (keyof Recipe)[]).filter((stage) => before[stage] !== after[stage])
}

test.each<[string, Partial<PipelineDefinition>, string[]]>([
  ['owner', { owner: 'sales' }, []],
  ['approval', { approval: { ...small.approval, remind: '2 days' } }, []],
  ['serve path', { serve: { path: '/other' } }, []],
  ['alpha', { alpha: 0.1 }, ['evaluate']],
  ['gates', { gates: [] }, ['evaluate']],
  ['seed', { train: { ...small.train, seed: 2 } }, ['train']],
  ['checkpoint interval', { train: { ...small.train, checkpointEvery: 7 } }, []],
  ['split', { split: { ...small.split, train: 0.7, test: 0.2 } }, ['clean']],
  ['rules', { rules: {} }, ['clean']],
  ['topic', { source: { topic: 'other', format: 'json' } }, ['ingest']],
  ['columns', { columns: { ...small.columns, more: { kind: 'flag' } } }, ['ingest', 'clean']],
])('a change of %s', (_what, change, stages) => {
  expect(redone(change)).toEqual(stages)
})
