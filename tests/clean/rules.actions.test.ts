// What each action does to a row, who decides when several rules fail, and what stops a run.
import { expect, test } from 'vitest'
import { isFailure } from '../../schemas/failures.ts'
import type { Plan, RuleSpec } from '../../schemas/plan.ts'
import { cleanBatches } from './clean-batches.ts'
import { batchOf, COLUMNS, cellsOf, PLAN, type Row } from './rows.ts'

const atLeastTen: RuleSpec['unless'] = { check: 'between', column: 'spend', low: 10, high: 1e9 }
const fromGermany: RuleSpec['unless'] = { check: 'oneOf', column: 'country', values: ['DE'] }

function row(offset: number, cells: Row['cells'] = {}): Row {
  return {
    partition: 4,
    offset,
    key: null,
    cells: { id: `row-${offset}`, spend: offset, country: 'DE', left: 1, ...cells },
  }
}

/** Splits so large that 60 rows fill them all; no features. */
function clean(rules: readonly RuleSpec[], rows: readonly Row[], changes: Partial<Plan> = {}) {
  const split = { by: 'hash', column: 'id', train: 0.4, validate: 0.3, test: 0.3 } as const
  const plan = { ...PLAN, rules, features: [], split, ...changes }
  const fillers = Array.from({ length: 60 }, (_, i) => row(100 + i))
  const batches = [batchOf(COLUMNS, rows), batchOf(COLUMNS, fillers)]
  const { parts, accounting } = cleanBatches({ plan, batches, decodeRejects: 2 })
  const quarantine = parts.filter((part) => part.target === 'quarantine')
  return { accounting, quarantine: quarantine.flatMap((part) => cellsOf(part.columns)) }
}

function failureOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
  throw new Error('expected a failure')
}

test('warn counts and keeps the row', () => {
  const { accounting } = clean([{ name: 'rich', action: 'warn', unless: atLeastTen }], [row(1), row(20)])
  expect(accounting.failures.rich).toBe(1)
  expect([accounting.clean, accounting.rejected]).toEqual([62, 2])
})

test('drop leaves out and keeps nothing', () => {
  const { accounting, quarantine } = clean([{ name: 'rich', action: 'drop', unless: atLeastTen }], [row(1), row(20)])
  expect(accounting.rejectedBy).toEqual({ decode: 2, rich: 1, 'label is present': 0 })
  expect(quarantine).toEqual([])
})

test('quarantine keeps the row with every reason', () => {
  const rules = [
    { name: 'german', action: 'warn', unless: fromGermany },
    { name: 'rich', action: 'quarantine', unless: atLeastTen },
  ] as const
  const { accounting, quarantine } = clean(rules, [row(1, { country: 'FR' }), row(20, { country: 'FR' })])
  expect(accounting.rejectedBy.rich).toBe(1)
  expect(accounting.failures).toMatchObject({ german: 2, rich: 1 })
  expect(quarantine).toMatchObject([{ id: 'row-1', _partition: 4, _offset: 1, _reasons: 'german; rich' }])
})

test('the first rejecting rule decides', () => {
  const drop: RuleSpec = { name: 'german', action: 'drop', unless: fromGermany }
  const hold: RuleSpec = { name: 'rich', action: 'quarantine', unless: atLeastTen }
  const both = row(1, { country: 'FR' })
  expect(clean([drop, hold], [both])).toMatchObject({
    quarantine: [],
    accounting: { rejectedBy: { german: 1, rich: 0 } },
  })
  expect(clean([hold, drop], [both])).toMatchObject({
    quarantine: [{ _reasons: 'rich; german' }],
    accounting: { rejectedBy: { german: 0, rich: 1 }, failures: { german: 1, rich: 1 } },
  })
})

test('a rejected row hides no later twin', () => {
  const rules = [{ name: 'rich', action: 'drop', unless: atLeastTen }] as const
  const { accounting } = clean(rules, [row(1, { id: 'twin' }), row(20, { id: 'twin' }), row(21, { id: 'twin' })])
  expect(accounting).toMatchObject({ rejected: 3, duplicates: 1, clean: 61 })
})

test('fail stops at the first bad row', () => {
  const rules = [
    { name: 'german', action: 'fail', unless: fromGermany },
    { name: 'rich', action: 'fail', unless: atLeastTen },
  ] as const
  const stop = failureOf(() => clean(rules, [row(20), row(21, { spend: 1 }), row(22, { country: null })]))
  expect(stop.code).toBe('RULE_FAILED')
  expect(stop.facts).toMatchObject({ rule: 'rich', partition: 4, offset: 21 })
})

test('mostly tolerates its share', () => {
  const rule = (mostly: number): RuleSpec => ({
    name: 'day',
    action: 'fail',
    unless: { check: 'present', column: 'day', mostly },
  })
  // 60 of 80 rows have no day
  const rows = Array.from({ length: 20 }, (_, i) => row(i, { day: 1 }))
  expect(clean([rule(0.25)], rows).accounting.failures.day).toBe(60)
  const stop = failureOf(() => clean([rule(0.26)], rows))
  expect(stop.message).toBe('rule "day": expected day present in at least 26 % of rows, found 25 %: 60 of 80 rows fail')
})

test('rows without a label are dropped', () => {
  const { accounting } = clean([], [row(1, { left: null }), row(2)])
  expect(accounting.rejectedBy).toEqual({ decode: 2, 'label is present': 1 })
})

test('an own label rule replaces the implicit one', () => {
  const rule: RuleSpec = { name: 'known', action: 'quarantine', unless: { check: 'present', column: 'left' } }
  const { accounting, quarantine } = clean([rule], [row(1, { left: null })])
  expect(accounting.rejectedBy).toEqual({ decode: 2, known: 1 })
  expect(quarantine).toMatchObject([{ left: null, _reasons: 'known' }])
})

test('a warning about labels does not replace it', () => {
  const rule: RuleSpec = { name: 'label is present', action: 'warn', unless: { check: 'present', column: 'left' } }
  const { accounting } = clean([rule], [row(1, { left: null })])
  expect(accounting.rejectedBy).toEqual({ decode: 2, 'label is present (built in)': 1 })
})

test('names a split without rows', () => {
  const split = { by: 'hash', column: 'id', train: 0.0001, validate: 0.4999, test: 0.5 } as const
  const stop = failureOf(() => clean([], [], { split }))
  expect([stop.code, stop.facts.split]).toEqual(['TOO_FEW_ROWS', 'train'])
})

test('too few rows names what took them', () => {
  const rules: RuleSpec[] = [
    { name: 'german', action: 'quarantine', unless: fromGermany },
    { name: 'rich', action: 'drop', unless: atLeastTen },
    { name: 'noted', action: 'warn', unless: { check: 'present', column: 'note' } },
  ]
  const split = { by: 'hash', column: 'id', train: 0.0001, validate: 0.4999, test: 0.5 } as const
  const rows = [row(1, { country: 'FR' }), row(2), row(3), row(20, { id: 'twin' }), row(21, { id: 'twin' })]
  const stop = failureOf(() => clean(rules, rows, { split }))
  expect(stop.code).toBe('TOO_FEW_ROWS')
  expect(stop.facts.taken).toMatch(
    /^of 67 events 2 did not decode, rule "rich" took 2, rule "german" took 1, 1 were duplicates; 61 are left: train 0, /,
  )
  expect(stop.message).toContain('found 0; of 67 events 2 did not decode')
})

test('too few rows says that nothing was taken', () => {
  const stop = failureOf(() => cleanBatches({ plan: { ...PLAN, rules: [], features: [] }, batches: [] }))
  expect(stop.facts.taken).toBe('of 0 events nothing was taken; 0 are left: train 0, validate 0, test 0')
})
