// MNIST as events: clean drawings in the first batch, turned and noisy ones in the later batches.
import { type DemoEvent, type DemoOptions, deriveSeed, failure, type Random, seededRandom } from 'sluice'
import { distort } from './distort.ts'
import { IMAGES, PIXELS, readDrawings } from './mnist.ts'

const FIRST_BATCH = 36_000
const LATER_BATCH = 6_000
const LAST_BATCH = 1 + Math.floor((IMAGES - FIRST_BATCH) / LATER_BATCH)
/** Share of events that a client sends twice, as after a lost answer. */
const DUPLICATES = 0.01
const READ_IMAGES = 1_000
/** The first drawing of batch 1; one a second from there. */
const STARTED_MS = Date.UTC(2026, 0, 5)

/**
 * Events {"id", "image": [784 × 0..255], "digit": "0".."9", "drawnAt"} of one batch, in the order of MNIST, about 1 %
 * of them twice. Batch 1: 36,000 images as they are and eight broken messages. Batches 2 to 5: 6,000 others each,
 * turned and noisy. The same options give the same bytes.
 */
export function* events({ batch, count = Number.POSITIVE_INFINITY, seed }: DemoOptions): Iterable<DemoEvent> {
  const [first, last] = imagesOf(batch)
  const end = Math.min(last, first + count)
  const random = seededRandom(deriveSeed(seed, 'digits', batch))
  for (let start = first; start < end; start += READ_IMAGES) {
    const { pixels, digits } = readDrawings(start, Math.min(end, start + READ_IMAGES))
    for (const [index, digit] of digits.entries()) {
      const drawing = pixels.subarray(index * PIXELS, (index + 1) * PIXELS)
      const image = batch === 1 ? drawing : distort(drawing, random)
      yield* sent({ number: start + index, image, digit: String(digit) }, random)
    }
    if (batch === 1 && start === first) yield* brokenMessages()
  }
}

/** Images [start, end) of a batch. */
function imagesOf(batch: number): readonly [number, number] {
  if (batch === 1) return [0, FIRST_BATCH]
  if (!Number.isInteger(batch) || batch < 1 || batch > LAST_BATCH) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'digits', expected: `1 to ${LAST_BATCH}`, found: batch })
  }
  const start = FIRST_BATCH + (batch - 2) * LATER_BATCH
  return [start, start + LATER_BATCH]
}

interface Drawing {
  /** place in MNIST */
  readonly number: number
  readonly image: Uint8Array
  readonly digit: string
}

function* sent({ number, image, digit }: Drawing, random: Random): Iterable<DemoEvent> {
  const id = `mnist-${String(number).padStart(5, '0')}`
  const drawnAt = new Date(STARTED_MS + number * 1_000).toISOString()
  const event = { key: id, value: encodeEvent(id, image, digit, drawnAt) }
  yield event
  if (random() < DUPLICATES) yield event
}

/** "0," to "255,": joining texts that exist is several times faster than JSON.stringify of a list. */
const PIXEL_TEXT = Array.from({ length: 256 }, (_, value) => `${value},`)

/** {"id", "image": [784 × 0..255], "digit", "drawnAt"} */
export function encodeEvent(id: string, image: Uint8Array, digit: string, drawnAt: string): string {
  let list = ''
  for (const value of image) list += PIXEL_TEXT[value]
  return `{"id":"${id}","image":[${list.slice(0, -1)}],"digit":"${digit}","drawnAt":"${drawnAt}"}`
}

/** What goes wrong in every topic sooner or later: five rejects at decode, then one row for each rule to catch. */
function* brokenMessages(): Iterable<DemoEvent> {
  const blank = new Uint8Array(PIXELS)
  const at = new Date(STARTED_MS).toISOString()
  yield { key: 'not-json', value: '<drawing id="not-json"/>' }
  yield { key: 'half-a-message', value: encodeEvent('half-a-message', blank, '3', at).slice(0, 900) }
  yield { key: 'wrong-length', value: encodeEvent('wrong-length', blank.subarray(1), '3', at) }
  yield { key: 'eleven', value: encodeEvent('eleven', blank, '11', at) }
  yield { key: 'tombstone', value: null }
  yield { key: 'no-image', value: JSON.stringify({ id: 'no-image', digit: '3', drawnAt: at }) }
  yield { key: 'no-label', value: JSON.stringify({ id: 'no-label', image: [...blank], digit: null, drawnAt: at }) }
  yield { key: 'no-time', value: JSON.stringify({ id: 'no-time', image: [...blank], digit: '0' }) }
}
