// Arbitrary rows of the plan with everything in it, in (partition, offset) order, some ids more than once.
import fc from 'fast-check'
import type { Arrival } from '../../schemas/manifest.ts'
import type { Row } from './rows.ts'

const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null, freq: 4 })

const cells = fc.record({
  id: fc.oneof(
    fc.integer({ min: 0, max: 60 }).map((n) => `event-${n}`),
    fc.string({ minLength: 1, maxLength: 9, unit: 'binary' }),
  ),
  day: orNull(fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
  plan: orNull(fc.constantFrom('free', 'team', 'business')),
  country: orNull(fc.constantFrom('DE', 'FR', 'Österreich', '日本', '😀', '')),
  spend: orNull(fc.oneof(fc.double({ min: -60, max: 60, noNaN: true }), fc.integer({ min: -3, max: 3 }))),
  share: orNull(fc.double({ min: 0, max: 1, noNaN: true })),
  tickets: orNull(fc.nat({ max: 9 })),
  active: orNull(fc.constantFrom(0, 1)),
  pixels: orNull(fc.array(fc.nat({ max: 255 }), { minLength: 3, maxLength: 3 })),
  note: orNull(fc.constantFrom('', 'x', 'ü', 'long enough', '😀😀')),
  left: orNull(fc.constantFrom(0, 1)),
})

/** At least a few rows survive in each split: `seedRows` stand first. */
export const rowsArbitrary: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      cells,
      partition: fc.nat({ max: 2 }),
      step: fc.integer({ min: 1, max: 5 }),
      key: orNull(fc.string()),
      time: fc.integer({ min: -1, max: 40 }),
    }),
    {
      maxLength: 120,
    },
  )
  .map((drawn) => {
    const sorted = [...drawn].sort((a, b) => a.partition - b.partition)
    const rows: Row[] = [...seedRows()]
    for (const { cells: drawnCells, partition, step, key, time } of sorted) {
      const last = rows.at(-1)!
      const offset = last.partition === partition ? last.offset + step : step
      rows.push({ cells: drawnCells, partition, offset, key, time })
    }
    return rows
  })

/** A few commits: which entry of the chain first covered which offsets. */
export const arrivalsArbitrary: fc.Arbitrary<Arrival[]> = fc
  .array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 60 })), { maxLength: 8 })
  .map((steps) => {
    const ends = [0, 0, 0]
    return steps.map(([partition, more], i) => {
      ends[partition]! += more
      return { partition, end: ends[partition]!, version: i + 1 }
    })
  })

function seedRows(): Row[] {
  return Array.from({ length: 30 }, (_, i) => ({
    partition: 0,
    offset: i,
    key: null,
    cells: {
      id: `seed-${i}`,
      day: i,
      plan: 'team',
      country: 'DE',
      spend: i,
      share: i / 30,
      tickets: i,
      active: i % 2,
      pixels: [i, i, i],
      note: 'a seed',
      left: i % 2,
    },
  }))
}
