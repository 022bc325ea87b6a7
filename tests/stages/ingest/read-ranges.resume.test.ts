// A batch that is interrupted anywhere: the next attempt reads what is not noted, and every offset is there once.
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import { readJson } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import type { OffsetRange, RangeResult } from '../../../schemas/segment.ts'
import type { IngestRange } from '../../../stages/ingest/range.ts'
import { type BatchPlace, readRanges } from '../../../stages/ingest/read-ranges.ts'
import { aPlan } from '../../workflows/builders.ts'

const PIECE = 10
/** longer than a note takes to be worth it */
const PIECE_MS = 3_000
const plan = aPlan()
const RANGES: OffsetRange[] = [
  { topic: 'demo', partition: 0, start: 0, end: 35 },
  { topic: 'demo', partition: 0, start: 35, end: 60 },
  { topic: 'demo', partition: 1, start: 5, end: 25 },
]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Reads in pieces of ten offsets; dies before the piece of that number. `read`: starts of the pieces that were read. */
function reader(diesAt: number, msPerPiece: number) {
  const read: string[] = []
  const ingestRange: IngestRange = async ({ range }, { onPiece }) => {
    const pieces: RangeResult[] = []
    for (let { start } = range; start < range.end; start += PIECE) {
      if (read.length === diesAt) throw new Error('killed')
      const piece = { ...range, start, end: Math.min(start + PIECE, range.end) }
      read.push(`${piece.partition}/${start}`)
      pieces.push({ range: piece, segment: null, rejects: null, holes: [] })
      vi.advanceTimersByTime(msPerPiece)
      onPiece?.(pieces.at(-1)!)
      await nextTurn()
      await nextTurn()
    }
    return pieces
  }
  return { read, ingestRange }
}

/** → what the next attempt finds in the heartbeat, and the results of one that came to its end. */
async function attempt(store: Store, { ingestRange }: ReturnType<typeof reader>, before: BatchPlace | undefined) {
  let place = before
  const note = (now: BatchPlace): void => {
    place = now
  }
  const hooks = { signal: new AbortController().signal, onPlace: note, onPiece: note }
  const work = { plan, sourceId: 'demo', ranges: RANGES, before }
  const batch = await readRanges({ store, ingestRange }, work, hooks).catch(() => null)
  return { place, results: batch && (await readJson<RangeResult[]>(store, batch.results)) }
}

test('every offset once, wherever the attempts end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 4 }), fc.constantFrom(1, 900, PIECE_MS), async (deaths, ms) => {
      const store = memoryStore()
      let place: BatchPlace | undefined
      for (const diesAt of deaths) ({ place } = await attempt(store, reader(diesAt, ms), place))
      const { results } = await attempt(store, reader(-1, ms), place)
      let at = 0
      const expected = RANGES.flatMap(({ partition, start, end }) =>
        Array.from({ length: end - start }, (_, i) => `${partition}/${start + i}`),
      )
      for (const { range } of results!)
        for (let offset = range.start; offset < range.end; offset++)
          expect(`${range.partition}/${offset}`).toBe(expected[at++])
      expect(at).toBe(expected.length)
    }),
  )
})

test('what was noted is not read again', async () => {
  const store = memoryStore()
  const killed = reader(5, PIECE_MS)
  const { place } = await attempt(store, killed, undefined)
  expect(killed.read).toEqual(['0/0', '0/10', '0/20', '0/30', '0/35'])
  const next = reader(-1, PIECE_MS)
  await attempt(store, next, place)
  expect(next.read).toEqual(['0/45', '0/55', '1/5', '1/15'])
})

test('short work is not noted', async () => {
  const store = memoryStore()
  const { place } = await attempt(store, reader(5, 1), undefined)
  expect(place).toEqual({ partition: 0, start: 35, end: 45 })
})

test('a note that was collected costs time alone', async () => {
  const { place } = await attempt(memoryStore(), reader(5, PIECE_MS), undefined)
  const next = reader(-1, PIECE_MS)
  expect((await attempt(memoryStore(), next, place)).results).toHaveLength(9)
})
