// MNIST as a table: ten coefficients of each image. 20,000 rows in the first batch, 10,000 in each later one.
import { type DemoEvent, type DemoOptions, failure } from 'sluice'
import { IMAGES, PIXELS, readDrawings } from '../digits/mnist.ts'
import { coefficientsOf, WAVES } from './coefficients.ts'

const FIRST_BATCH = 20_000
const LATER_BATCH = 10_000
const LAST_BATCH = 1 + (IMAGES - FIRST_BATCH) / LATER_BATCH
const READ_IMAGES = 1_000

/** Events {"id", "wave00" … "wave30": grey levels, "digit": "0".."9"}, in the order of MNIST. */
export function* events({ batch, count = Number.POSITIVE_INFINITY }: DemoOptions): Iterable<DemoEvent> {
  if (!Number.isInteger(batch) || batch < 1 || batch > LAST_BATCH) {
    throw failure('INPUT_INVALID', {
      what: 'batch',
      path: 'digits-tabular',
      expected: `1 to ${LAST_BATCH}`,
      found: batch,
    })
  }
  const first = batch === 1 ? 0 : FIRST_BATCH + (batch - 2) * LATER_BATCH
  const last = first + Math.min(count, batch === 1 ? FIRST_BATCH : LATER_BATCH)
  for (let start = first; start < last; start += READ_IMAGES) {
    const { pixels, digits } = readDrawings(start, Math.min(last, start + READ_IMAGES))
    for (const [index, digit] of digits.entries()) {
      const id = `mnist-${String(start + index).padStart(5, '0')}`
      const values = coefficientsOf(pixels.subarray(index * PIXELS, (index + 1) * PIXELS))
      const waves = Object.fromEntries(WAVES.map(([down, across], i) => [`wave${down}${across}`, values[i]]))
      yield { key: id, value: JSON.stringify({ id, ...waves, digit: String(digit) }) }
    }
  }
}
