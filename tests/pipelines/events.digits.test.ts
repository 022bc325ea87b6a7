// The digits events: deterministic, decodable but for the messages that are meant to be broken, and really turned.
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { parseValue } from '../../core/values.ts'
import { distort } from '../../pipelines/digits/distort.ts'
import { events } from '../../pipelines/digits/events.ts'
import { readDrawings } from '../../pipelines/digits/mnist.ts'
import digits from '../../pipelines/digits/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import type { DemoEvent } from '../../schemas/event.ts'

const plan = resolvePipeline(digits)
const BROKEN = ['not-json', 'half-a-message', 'wrong-length', 'eleven', 'tombstone']
const CAUGHT_BY_RULES = ['no-image', 'no-label', 'no-time']

function decodes({ value }: DemoEvent): boolean {
  if (value === null) return false
  try {
    const json = JSON.parse(String(value)) as Record<string, unknown>
    return plan.columns.every((column) => parseValue(column, json[column.name]).ok)
  } catch {
    return false
  }
}

const keys = (list: readonly DemoEvent[]) => list.map(({ key }) => key)

test('only the broken messages do not decode', () => {
  const list = [...events({ batch: 1, count: 300, seed: 1 })]
  expect(keys(list.filter((event) => !decodes(event)))).toEqual(BROKEN)
  expect(keys(list)).toEqual(expect.arrayContaining(CAUGHT_BY_RULES))
})

test('the first batch holds the images as they are', () => {
  const [first] = events({ batch: 1, count: 1, seed: 1 })
  const { pixels, digits: labels } = readDrawings(0, 1)
  expect(JSON.parse(String(first!.value))).toEqual({
    id: 'mnist-00000',
    image: [...pixels],
    digit: String(labels[0]),
    drawnAt: '2026-01-05T00:00:00.000Z',
  })
  expect(labels[0]).toBe(5) // the first label of MNIST
})

test('the same options give the same events', () => {
  for (const batch of [1, 2]) {
    const once = [...events({ batch, count: 50, seed: 3 })]
    expect([...events({ batch, count: 50, seed: 3 })]).toEqual(once)
  }
})

test('another seed turns the images differently', () => {
  const values = (seed: number) => [...events({ batch: 2, count: 5, seed })].map(({ value }) => value)
  expect(values(1)).not.toEqual(values(2))
})

test('about one in a hundred is sent twice', () => {
  const ids = keys([...events({ batch: 2, seed: 1 })])
  expect(new Set(ids).size).toBe(6_000)
  expect(ids.length).toBeGreaterThan(6_020)
  expect(ids.length).toBeLessThan(6_120)
})

test('no id is in two batches', () => {
  const all = [1, 2, 3].flatMap((batch) => [...new Set(keys([...events({ batch, count: 20, seed: 1 })]))])
  expect(new Set(all).size).toBe(all.length)
})

test('a batch that does not exist is refused', () => {
  expect(() => [...events({ batch: 9, seed: 1 })]).toThrow('expected 1 to 5, found 9')
})

/** Draws that are all `value`: 0.5 means no turn and no noise. */
const always = (value: number) => () => value

test('half-way draws leave an image as it is', () => {
  const { pixels } = readDrawings(0, 1)
  expect(distort(pixels, always(0.5))).toEqual(pixels)
})

/** Centre of the ink, in pixels from the centre of the image. */
function centreOfInk(image: Uint8Array): { x: number; y: number } {
  let ink = 0
  let x = 0
  let y = 0
  for (const [index, value] of image.entries()) {
    ink += value
    x += value * ((index % 28) - 13.5)
    y += value * (Math.floor(index / 28) - 13.5)
  }
  return { x: x / ink, y: y / ink }
}

test.each([
  [18, 8],
  [5, 12],
  [20, 20],
])('a dot at column %i, row %i turns by 25° about the centre', (col, row) => {
  const image = new Uint8Array(784)
  for (const down of [0, 1]) for (const right of [0, 1]) image[(row + down) * 28 + col + right] = 200
  const before = centreOfInk(image)
  let draws = 0
  const after = centreOfInk(distort(image, () => (draws++ === 0 ? 1 : 0.5))) // the angle first: the largest, then no noise
  const turn = (-25 * Math.PI) / 180
  expect(after.x).toBeCloseTo(Math.cos(turn) * before.x - Math.sin(turn) * before.y, 0)
  expect(after.y).toBeCloseTo(Math.sin(turn) * before.x + Math.cos(turn) * before.y, 0)
  expect(Math.hypot(after.x, after.y)).toBeCloseTo(Math.hypot(before.x, before.y), 0)
})

test('noise stays within a byte', () => {
  const random = seededRandom(5)
  for (const ink of [0, 255]) {
    const noisy = distort(new Uint8Array(784).fill(ink), random)
    expect(new Set(noisy).size).toBeGreaterThan(10)
  }
})
