// The read loop against a scripted partition: lost connections, moved leaders, retention, idle brokers, cancellation.
import { describe, expect, test } from 'vitest'
import { type FetchLink, READ_SETTINGS } from '../../../stream/kafka/fetch.ts'
import type { FetchAnswer } from '../../../stream/kafka/fetch-response.ts'
import type { FetchRequest } from '../../../stream/kafka/kafkajs/link.ts'
import { answer, buildBatch, numbered } from './batch-builder.ts'
import { readRange } from './read-range.ts'

const RANGE = { topic: 't', partition: 0, start: 0, end: 30 }
const BATCHES = [0, 10, 20].map((start) => buildBatch({ baseOffset: start, records: numbered(start, start + 10) }))
const SETTINGS = { ...READ_SETTINGS, fetchBytes: 1 << 20, patienceMs: 2000, maxWaitMs: 1 }

class KafkaJsLikeError extends Error {
  override readonly name = 'KafkaJSConnectionError'
  readonly retriable: boolean
  constructor(message: string, retriable = true) {
    super(message)
    this.retriable = retriable
  }
}

/** One batch per fetch, the one that holds the offset. */
const serve = ({ offset }: FetchRequest): FetchAnswer => answer(BATCHES.slice(Math.floor(offset / 10)).slice(0, 1))

interface Script extends Partial<FetchLink> {
  /** what the n-th fetch answers, from 0; undefined: as it should */
  readonly on?: (n: number, request: FetchRequest) => FetchAnswer | undefined | Promise<FetchAnswer | undefined>
}

function scripted({ on, ...rest }: Script): FetchLink & { readonly asked: number[]; refreshes: number } {
  const asked: number[] = []
  const link = {
    asked,
    refreshes: 0,
    brokers: ['scripted'],
    fetch: async (request: FetchRequest): Promise<FetchAnswer> => {
      const n = asked.push(request.offset) - 1
      return (await on?.(n, request)) ?? serve(request)
    },
    ends: async () => ({ logStart: 0, lastStableOffset: 30 }),
    logEnd: async () => null,
    cleanupPolicy: async () => 'delete',
    refresh: async () => {
      link.refreshes++
    },
    errorOf: (code: number) => new KafkaJsLikeError(`code ${code}`, code === 6),
    ...rest,
  }
  return link
}

async function read(
  script: Script,
  options: { signal?: AbortSignal; end?: number; maxBytes?: number; patienceMs?: number } = {},
) {
  const { signal, end = RANGE.end, maxBytes, patienceMs = SETTINGS.patienceMs } = options
  const link = scripted(script)
  const offsets: number[] = []
  const sink = ({ offset }: { offset: number }): void => void offsets.push(offset)
  const settings = { ...SETTINGS, patienceMs }
  const result = await readRange({ link, range: { ...RANGE, end }, sink, signal, maxBytes, settings })
  return { ...result, offsets, link }
}

const ALL = Array.from({ length: 30 }, (_, i) => i)

describe('what passes by itself', () => {
  test('asks for the next batch before decoding', async () => {
    const { offsets, link } = await read({})
    expect(offsets).toEqual(ALL)
    expect(link.asked).toEqual([0, 10, 20])
  })

  test.each([0, 1, 2])('a connection lost at fetch %i', async (broken) => {
    const { offsets, link } = await read({
      on: (n) => {
        if (n === broken) throw new KafkaJsLikeError('connection closed')
        return undefined
      },
    })
    expect(offsets).toEqual(ALL)
    expect(link.asked).toHaveLength(4)
  })

  test('a leader that moved', async () => {
    const { offsets, link } = await read({ on: (n) => (n < 2 ? answer([], { errorCode: 6 }) : undefined) })
    expect(offsets).toEqual(ALL)
    expect(link.refreshes).toBe(2)
  })

  test('answers without data', async () => {
    const { offsets } = await read({ on: (n) => (n % 2 === 0 ? answer([], { lastStableOffset: 0 }) : undefined) })
    expect(offsets).toEqual(ALL)
  })
})

describe('what does not', () => {
  test('a broker that stays away ends with its error', async () => {
    const on = (): never => {
      throw new KafkaJsLikeError('connection refused')
    }
    await expect(read({ on }, { patienceMs: 100 })).rejects.toThrow('connection refused')
  })

  test('an error that waiting cannot cure ends at once', async () => {
    const on = (): FetchAnswer => answer([], { errorCode: 29 })
    await expect(read({ on })).rejects.toThrow('code 29')
  })

  test('a stable end that stays below the range went back', async () => {
    const on = (n: number): FetchAnswer | undefined => (n > 0 ? answer([], { lastStableOffset: 10 }) : undefined)
    await expect(read({ on }, { patienceMs: 100 })).rejects.toMatchObject({
      code: 'OFFSETS_WENT_BACK',
      facts: { expected: 30, found: 10 },
    })
  })

  test.each([
    ['ends below it went back', 29, 'OFFSETS_WENT_BACK'],
    ['holds it waits for replicas', 30, 'REPLICAS_BEHIND'],
  ])('a hidden end that %s', async (_, logEnd, code) => {
    const on = (n: number): FetchAnswer | undefined => (n > 0 ? answer([], { lastStableOffset: 10 }) : undefined)
    await expect(read({ on, logEnd: async () => logEnd }, { patienceMs: 100 })).rejects.toMatchObject({
      code,
      facts: { expected: 30, found: 10 },
    })
  })

  test('silence below the stable offset is no compaction', async () => {
    const on = (): FetchAnswer => answer([])
    await expect(read({ on }, { patienceMs: 200 })).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' })
  })

  test('silence at a compacted log’s end is a hole', async () => {
    const on = (n: number): FetchAnswer | undefined => (n > 1 ? answer([]) : undefined)
    const { holes } = await read({ on, cleanupPolicy: async () => 'delete, compact' })
    expect(holes).toEqual([{ kind: 'compacted', start: 20, end: 30 }])
  })
})

describe('loss', () => {
  const outOfRange = (n: number): FetchAnswer | undefined =>
    n >= 1 ? answer([], { errorCode: 1, logStart: -1 }) : undefined

  test('an offset below the log start is lost', async () => {
    const ends = async () => ({ logStart: 15, lastStableOffset: 30 })
    await expect(read({ on: outOfRange, ends })).rejects.toMatchObject({
      code: 'OFFSETS_LOST',
      facts: { expected: 10, found: 15, lost: 5 },
    })
  })

  test('an offset above the log end went back', async () => {
    const ends = async () => ({ logStart: 0, lastStableOffset: 3 })
    await expect(read({ on: outOfRange, ends })).rejects.toMatchObject({ code: 'OFFSETS_WENT_BACK' })
  })

  test('data behind a moved log start is not trusted', async () => {
    const on = (n: number, request: FetchRequest): FetchAnswer | undefined =>
      n >= 1 ? { ...serve({ ...request, offset: 20 }), logStart: 20 } : undefined
    await expect(read({ on })).rejects.toMatchObject({ code: 'OFFSETS_LOST', facts: { expected: 10, found: 20 } })
  })

  const skipping = (_: number, { offset }: FetchRequest): FetchAnswer | undefined =>
    offset === 10 ? answer([BATCHES[2]!]) : undefined

  test('absent offsets of a topic without compaction', async () => {
    await expect(read({ on: skipping })).rejects.toMatchObject({
      code: 'OFFSETS_ABSENT',
      facts: { start: 10, end: 20 },
    })
  })

  test('absent offsets of a compacted topic are a hole', async () => {
    const { holes } = await read({ on: skipping, cleanupPolicy: async () => 'compact' })
    expect(holes).toEqual([{ kind: 'compacted', start: 10, end: 20 }])
  })

  test('a hole that retention passed is a loss', async () => {
    const ends = async () => ({ logStart: 20, lastStableOffset: 30 })
    const script = { on: skipping, ends, cleanupPolicy: async () => 'compact' }
    await expect(read(script)).rejects.toMatchObject({ code: 'OFFSETS_LOST' })
  })
})

describe('cancellation', () => {
  test('throws the reason while a fetch hangs', async () => {
    const controller = new AbortController()
    const on = (): Promise<FetchAnswer> => {
      controller.abort(new Error('stop now'))
      return new Promise(() => {})
    }
    await expect(read({ on }, { signal: controller.signal })).rejects.toThrow('stop now')
  })

  test('throws the reason while it waits for the broker', async () => {
    const controller = new AbortController()
    const on = (): never => {
      controller.abort(new Error('stop now'))
      throw new KafkaJsLikeError('connection refused')
    }
    await expect(read({ on }, { signal: controller.signal })).rejects.toThrow('stop now')
  })
})

test('does not fetch ahead of maxBytes', async () => {
  const { end, link } = await read({}, { maxBytes: 20 })
  expect(end).toBe(10)
  expect(link.asked).toEqual([0])
})
