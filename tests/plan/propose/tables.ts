// Tables of any names and kinds of values, with gaps: what a sample of events may hold.
import fc from 'fast-check'

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-zA-Z0-9_ ()/%-]{0,12}$/),
  fc.constantFrom('constructor', '__proto__x', 'ünïcode', "it's", '7up', 'a.b', '`x`', '*/', 'label', '_x'),
)
/** cells of one kind */
const kinds: readonly fc.Arbitrary<unknown>[] = [
  fc.constantFrom('red', 'green', 'blue', "o'clock", '*/ //', '`$`', '\u2028'),
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: 0, max: 1 }),
  fc.maxSafeInteger(),
  fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.getTime()),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constantFrom('2026-01-01', '2026-02-03T04:05:06Z'),
  fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 }),
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 2 }),
  fc.record({ inner: fc.integer(), 'more so': fc.string({ maxLength: 5 }) }),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.lorem({ maxCount: 12 }),
  fc.emailAddress(),
]
/** now and then a column of several kinds */
const column = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...kinds) },
  { weight: 1, arbitrary: fc.constant(fc.oneof(...kinds)) },
)
/** Columns with gaps, a key, and a label that differs. */
export const table = fc
  .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 10 }), fc.array(column, { minLength: 10, maxLength: 10 }))
  .chain(([names, columns]) => {
    const cells = fc.tuple(...columns.map((cell) => fc.option(cell, { freq: 8 })))
    return fc.tuple(fc.constant(names), fc.array(cells, { minLength: 4, maxLength: 30 }))
  })
  .map(([names, rows]) =>
    rows.map((values, row) => ({
      key: `k${row}`,
      ...Object.fromEntries(names.map((each, i) => [each, values[i]])),
      outcome: row % 2 === 0,
    })),
  )
