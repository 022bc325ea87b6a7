// JSON texts of numbers as producers write them, good or not.
import fc from 'fast-check'

export const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .double({ noNaN: true, min: -1e6, max: 1e6 })
    .chain((x) =>
      fc.integer({ min: 1, max: 25 }).map((digits) => (digits < 22 ? x.toPrecision(digits) : x.toFixed(digits - 10))),
    ),
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc.tuple(fc.stringMatching(/^-?\d{1,26}(\.\d{0,26})?([eE][+-]?\d{0,3})?$/)).map(([text]) => text),
  fc.constantFrom(
    '-0',
    '0.0',
    '-0.0e5',
    '1e400',
    '-1e-400',
    '01',
    '+1',
    '.5',
    '5.',
    '-',
    '1e',
    'NaN',
    '2.2250738585072011e-308',
  ),
)
