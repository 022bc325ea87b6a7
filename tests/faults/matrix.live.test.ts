// The fault matrix before a real S3 server: every operation × every fault × one and two writers, every offset exactly once.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Ground, openGround } from './ground.ts'
import { FAULTS, isMultipart, OPERATIONS } from './proxy.ts'
import { openReadBack, type ReadBack } from './read-back.ts'
import { runCell } from './run-cell.ts'

let ground: Ground
let readBack: ReadBack
beforeAll(async () => {
  ground = await openGround(inject('endpoints'))
  readBack = await openReadBack(ground.endpoints)
})
afterAll(() => ground.close())

/** One lake per fault, filled in parts and otherwise, for the reader that shares no code with us. */
const samples = new Map<string, string>()

const CELLS = FAULTS.flatMap((fault) =>
  [1, 2].flatMap((writers) => OPERATIONS.map((operation) => ({ fault, operation, writers }))),
)

const sampleName = ({ fault, operation }: Pick<(typeof CELLS)[number], 'fault' | 'operation'>): string =>
  `${fault}${isMultipart(operation) ? ', in parts' : ''}`

describe.concurrent('ingest keeps every offset once', { timeout: 180_000 }, () => {
  test.for(CELLS)('$fault at $operation, writers: $writers', async (cell, { expect: check }) => {
    const { injected, violations, prefix } = await runCell(ground, cell)
    check(violations).toEqual([])
    check(injected).toBeGreaterThan(0)
    if (cell.writers === 2) samples.set(sampleName(cell), prefix)
  })
})

test('an independent reader agrees, per fault', { timeout: 120_000 }, async (context) => {
  if (!readBack.ok) return context.skip(readBack.why)
  const expected = new Set(CELLS.map(sampleName))
  expect(new Set(samples.keys())).toEqual(expected)
  const place = { topic: ground.plan.source.topic, source: ground.sourceId }
  const found = await readBack.compare({ ...place, lakes: Object.fromEntries(samples) })
  expect(found).toEqual(Object.fromEntries([...expected].map((name) => [name, 'every offset once'])))
})
