// A definition is data: JSON changes nothing, and the plan depends on nothing else.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalBytes, sha256 } from '../../../core/digest.ts'
import type { PipelineDefinition } from '../../../index.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import { planShape } from '../../../schemas/plan.ts'
import { definitions } from '../../fixtures/pipelines/definitions.ts'

const throughJson = (value: PipelineDefinition) => JSON.parse(JSON.stringify(value)) as PipelineDefinition

test('JSON changes nothing', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      expect(throughJson(definition)).toEqual(definition)
      expect(resolvePipeline(throughJson(definition))).toEqual(resolvePipeline(definition))
    }),
  )
})

test('plans pass the validation at the edges', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const plan = resolvePipeline(definition)
      expect(planShape.read({ what: 'plan', path: '' }, JSON.parse(JSON.stringify(plan)))).toStrictEqual(plan)
    }),
  )
})

test('the fingerprint is that of the plan', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const { fingerprint, ...plan } = resolvePipeline(definition)
      expect(fingerprint).toBe(sha256(canonicalBytes(JSON.parse(JSON.stringify(plan)))))
    }),
  )
})

test('order of columns and features is kept', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const plan = resolvePipeline(definition)
      expect(plan.columns.map(({ name }) => name)).toEqual(Object.keys(definition.columns))
      expect(plan.features.map(({ column }) => column)).toEqual(Object.keys(definition.features))
      expect(plan.rules.map(({ name }) => name)).toEqual(Object.keys(definition.rules ?? {}))
    }),
  )
})

test('different seeds give different fingerprints', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const other = { ...definition, train: { ...definition.train, seed: definition.train.seed + 1 } }
      expect(resolvePipeline(other).fingerprint).not.toBe(resolvePipeline(definition).fingerprint)
    }),
  )
})
