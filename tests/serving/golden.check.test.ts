// Golden rows: exact inputs, outputs within the tolerance, and nothing else passes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { failure } from '../../schemas/failures.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import { checkGolden, type GoldenSubject } from '../../serving/golden.ts'

const golden: GoldenRows = {
  kind: 'golden',
  rows: [{ x: 1 }, { x: 2 }],
  inputs: [[Math.fround(0.1)], [Math.fround(0.2)]],
  outputs: [[0.5], [0.75]],
  tolerance: 1e-4,
}
const subject: GoldenSubject = {
  model: 'test',
  transformRow: (row) => Float32Array.of((row as { x: number }).x / 10),
  predict: (inputs) => inputs.map((input) => (input < 0.15 ? 0.5 : 0.75)),
}

test('the same answers pass', () => {
  expect(() => checkGolden(golden, subject)).not.toThrow()
})

test('one float32 step in an input refuses', () => {
  const bits = new Float32Array(1)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1 }), fc.constantFrom(-1, 1), (row, step) => {
      bits[0] = golden.inputs[row]![0]!
      new Int32Array(bits.buffer)[0]! += step
      const inputs = golden.inputs.map((input, r) => (r === row ? [bits[0]!] : input))
      expect(() => checkGolden({ ...golden, inputs }, subject)).toThrow(/golden row \d: input/)
    }),
  )
})

test('an output within the tolerance passes', () => {
  const near = { ...golden, outputs: [[0.50009], [0.74991]] }
  expect(() => checkGolden(near, subject)).not.toThrow()
})

test('an output beyond the tolerance refuses', () => {
  for (const wrong of [0.5002, Number.NaN]) {
    expect(() => checkGolden({ ...golden, outputs: [[wrong], [0.75]] }, subject)).toThrow(/output 0/)
  }
  expect(() => checkGolden(golden, { ...subject, predict: () => Float32Array.of(Number.NaN, 0.75) })).toThrow(/NaN/)
})

test('no golden rows refuse', () => {
  const none = { ...golden, rows: [], inputs: [], outputs: [] }
  expect(() => checkGolden(none, subject)).toThrow(/at least one/)
})

test('missing outputs refuse', () => {
  expect(() => checkGolden({ ...golden, outputs: [[0.5]] }, subject)).toThrow(/1 outputs/)
  expect(() => checkGolden(golden, { ...subject, predict: () => Float32Array.of(0.5) })).toThrow(/2 outputs/)
})

test('rows that the columns refuse are the models fault', () => {
  const transformRow = () => {
    throw failure('REQUEST_INVALID', { field: 'x', expected: 'y', found: 'z' })
  }
  expect(() => checkGolden(golden, { ...subject, transformRow })).toThrow(
    expect.objectContaining({ code: 'MODEL_INVALID' }),
  )
})
