// A request is read by the rules of ingest, and refused with the field's name.
import { describe, expect, it } from 'vitest'
import { compileRequest, parseRow } from '../../../ml/features/request.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import type { Transform } from '../../../schemas/dataset.ts'
import { isFailure } from '../../../schemas/failures.ts'

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'spend', kind: 'number', min: 0 },
  { name: 'pixels', kind: 'numbers', length: 2, min: 0, max: 255, integers: true },
  { name: 'plan', kind: 'category', values: ['free', 'team'] },
  { name: 'cancelled', kind: 'flag' },
]
const TRANSFORM: Transform = {
  kind: 'transform',
  width: 5,
  features: [
    { column: 'spend', encode: 'affine', log: false, fill: 0, low: 0, high: 9, offset: 0, factor: 1, width: 1 },
    { column: 'pixels', encode: 'elements', offset: 0, factor: 1, width: 2 },
    { column: 'plan', encode: 'oneHot', values: ['free', 'team'], other: false, width: 2 },
  ],
}

const parse = (json: unknown) => parseRow(COLUMNS, TRANSFORM, json)

function refusal(json: unknown): Record<string, unknown> {
  try {
    parse(json)
  } catch (error) {
    if (isFailure(error, 'REQUEST_INVALID')) return error.facts
    throw error
  }
  return { field: 'nothing was refused' }
}

describe('a request', () => {
  it('becomes the features alone', () => {
    const row = { id: 'x', spend: 3, pixels: [0, 255], plan: 'team', cancelled: true }
    expect(parse(row)).toEqual({ spend: 3, pixels: [0, 255], plan: 'team' })
  })
  it('may lack fields that training fills', () => {
    expect(parse({ pixels: [0, 1], plan: null })).toEqual({ spend: null, pixels: [0, 1], plan: null })
  })
  it('may not lack a list', () => {
    expect(refusal({ spend: 1 })).toMatchObject({ field: 'pixels', found: 'nothing' })
  })
  it.each([
    ['spend', { spend: -1, pixels: [0, 1] }],
    ['spend', { spend: '3', pixels: [0, 1] }],
    ['pixels', { pixels: [0, 256] }],
    ['plan', { pixels: [0, 1], plan: 'gold' }],
  ])('is refused for %s', (field, json) => {
    expect(refusal(json)).toMatchObject({ field })
  })
  it.each([[null], [[1]], ['x'], [undefined]])('is an object, not %j', (json) => {
    expect(refusal(json)).toMatchObject({ field: 'row', expected: 'an object' })
  })
  it.each(['pixel', 'Pixels', 'PIXELS', 'pixles'])('hints at a misspelt name: %s', (name) => {
    const facts = refusal({ [name]: [0, 1] })
    if (name === 'pixles') expect(facts).toMatchObject({ field: 'pixels' })
    else expect(facts).toMatchObject({ field: name, expected: expect.stringContaining('pixels') })
  })
  it('ignores fields of other systems', () => {
    expect(parse({ pixels: [0, 1], traceParent: 'x' })).toHaveProperty('pixels')
  })
  it.each([
    [{ pixels: [0, 1], __proto: 1 }, 'nothing was refused'],
    [JSON.parse('{"pixels":[0,1],"__proto__":{"spend":4}}'), 'row'],
    [{ pixels: [0, 1], constructor: 'x' }, 'row'],
    [{ instances: [{ pixels: [0, 1] }] }, 'row'],
    [{ id: 'x', inputs: [] }, 'row'],
  ])('is refused as a whole for what no column has: %j', (json, field) => {
    expect(refusal(json)).toMatchObject({ field })
  })
  it('of no feature is refused, with the list that is missing', () => {
    expect(refusal({ traceParent: 'x' })).toMatchObject({ field: 'pixels', found: 'nothing' })
    const one = { ...TRANSFORM, features: TRANSFORM.features.slice(0, 1) }
    expect(() => parseRow(COLUMNS, one, { plan: 'team' })).toThrow(/with at least one of spend, found only "plan"/)
    expect(() => compileRequest(COLUMNS, one).open()({})).toThrow(/found an empty object/)
    expect(parseRow(COLUMNS, one, { spend: null })).toEqual({ spend: null })
  })
  it('that sluice wrote itself may hold no value', () => {
    const one = { ...TRANSFORM, features: TRANSFORM.features.slice(0, 1) }
    expect(compileRequest(COLUMNS, one).fields({})).toEqual({ spend: null })
  })
  it('needs the columns of the transform', () => {
    expect(() => compileRequest(COLUMNS.slice(0, 2), TRANSFORM)).toThrow(
      expect.objectContaining({ code: 'MODEL_INVALID' }),
    )
  })
  it('is told of few of many classes', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `class${i}`)
    const columns = COLUMNS.map((column) =>
      column.name === 'plan' ? { ...column, kind: 'category' as const, values } : column,
    )
    try {
      parseRow(columns, TRANSFORM, { pixels: [0, 1], plan: 'gold' })
    } catch (error) {
      expect(String((error as Error).message).length).toBeLessThan(400)
    }
    expect.assertions(1)
  })
  it('is safe from names of Object', () => {
    expect(parse({ pixels: [0, 1], __proto__: { spend: 4 } })).toMatchObject({ spend: null })
  })
})
