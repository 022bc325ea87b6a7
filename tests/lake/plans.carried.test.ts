// Plans as they travel: small ones whole, large ones as a reference that workflows can work with.
import { expect, test } from 'vitest'
import { canonicalBytes } from '../../core/digest.ts'
import { carryPlan, isLargePlan, wholePlan } from '../../lake/plans.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { aPlan } from '../workflows/builders.ts'
import { aWidePlan } from './wide-plan.ts'

test('a small plan travels whole', async () => {
  const store = memoryStore()
  const plan = aPlan()
  expect(await carryPlan(store, plan)).toBe(plan)
  expect(await wholePlan(store, plan)).toBe(plan)
  expect(await Array.fromAsync(store.list(''))).toEqual([])
})

test('a large plan travels as a reference', async () => {
  const store = memoryStore()
  const plan = aWidePlan({ columns: 2_000, values: 10_000 })
  const carried = await carryPlan(store, plan)
  expect(isLargePlan(plan)).toBe(true)
  expect(canonicalBytes(carried).byteLength).toBeLessThan(1_000)
  const { name, owner, approval, fingerprint } = plan
  expect(carried).toMatchObject({
    name,
    owner,
    approval,
    fingerprint,
    source: { topic: 'demo' },
    train: { device: 'any' },
  })
  expect(await wholePlan(store, carried)).toEqual(plan)
})

test('the same plan is one object', async () => {
  const store = memoryStore()
  const plan = aWidePlan({ columns: 500, values: 2 })
  expect(await carryPlan(store, plan)).toEqual(await carryPlan(store, structuredClone(plan)))
  expect(await Array.fromAsync(store.list('plans/'))).toHaveLength(1)
})

test('a plan that is gone or damaged is said to be', async () => {
  const store = memoryStore()
  const carried = await carryPlan(store, aWidePlan({ columns: 500, values: 2 }))
  const [key] = await Array.fromAsync(store.list('plans/'))
  await store.delete(key!)
  await expect(wholePlan(store, carried)).rejects.toMatchObject({ code: 'OBJECT_MISSING', facts: { key } })
  await store.putIfAbsent(key!, Buffer.from('{}'))
  await expect(wholePlan(store, carried)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' })
})
