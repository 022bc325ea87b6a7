// MNIST's 60,000 training images as events, as they are. Its 10,000 test images are kept for a judgement outside the pipeline.
import { type DemoEvent, type DemoOptions, failure } from 'sluice'
import { encodeEvent } from '../digits/events.ts'
import { IMAGES, PIXELS, readDrawings } from '../digits/mnist.ts'

const READ_IMAGES = 1_000
/** The first drawing; one a second from there. */
const STARTED_MS = Date.UTC(2026, 0, 5)

/** Events {"id", "image": [784 × 0..255], "digit": "0".."9", "drawnAt"} in the order of MNIST, all in one batch. */
export function* events({ batch, count = Number.POSITIVE_INFINITY }: DemoOptions): Iterable<DemoEvent> {
  if (batch !== 1) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'digits-images', expected: '1', found: batch })
  }
  const end = Math.min(IMAGES, count)
  for (let start = 0; start < end; start += READ_IMAGES) {
    const { pixels, digits } = readDrawings(start, Math.min(end, start + READ_IMAGES))
    for (const [index, digit] of digits.entries()) {
      const id = `mnist-${String(start + index).padStart(5, '0')}`
      const drawnAt = new Date(STARTED_MS + (start + index) * 1_000).toISOString()
      const image = pixels.subarray(index * PIXELS, (index + 1) * PIXELS)
      yield { key: id, value: encodeEvent(id, image, String(digit), drawnAt) }
    }
  }
}
