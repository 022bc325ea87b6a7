// Whatever a sample holds, the proposed file is a pipeline that resolves and takes every event of the sample; real tables give models that pass.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { pipelineFile } from '../../../plan/propose/pipeline-file.ts'
import { profileSample } from '../../../plan/propose/profile.ts'
import { proposePipeline } from '../../../plan/propose/propose.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import type { PipelineDefinition } from '../../../plan/words/define.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { readColumnsOfRange } from '../../../stream/ingest.ts'
import { memoryBroker } from '../../../stream/kafka/memory.ts'
import { table } from './tables.ts'

mkdirSync(join(process.cwd(), '.sluice'), { recursive: true }) // a fresh clone has none
/** inside the repository, so that `sluice` resolves to this package */
const folder = mkdtempSync(join(process.cwd(), '.sluice', 'test-propose-'))
let files = 0

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function planOf(rows: readonly unknown[], label?: string): Promise<Plan> {
  const text = pipelineFile(
    proposePipeline(profileSample(rows), { name: 'sample', topic: 'sample', sample: 'rows', label }),
  )
  const file = join(folder, `pipeline-${files++}.ts`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, text)
  return resolvePipeline(((await import(pathToFileURL(file).href)) as { default: PipelineDefinition }).default)
}

/** Reasons of the rows that do not decode. */
async function rejectsOf(plan: Plan, rows: readonly unknown[]): Promise<string[]> {
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'sample', partitions: 1 })
  broker.append(
    'sample',
    0,
    rows.map((row) => ({ value: JSON.stringify(row), timestamp: 0 })),
  )
  const range = { topic: 'sample', partition: 0, start: 0, end: rows.length }
  const reasons: string[] = []
  for await (const piece of readColumnsOfRange({ broker, range, columns: plan.columns, maxBytes: 1 << 24 }))
    reasons.push(...piece.rejects.flatMap((reject) => reject.reasons))
  return reasons
}

test('every proposal resolves and decodes its own sample', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const featured = rows.map((row, i) => ({ ...row, size: i }))
      const plan = await planOf(featured, 'outcome')
      expect(plan.predict).toEqual({ task: 'probability', column: 'outcome' })
      expect(
        await rejectsOf(
          plan,
          featured.map((row, i) => ({ id: `${i}`, rowId: `${i}`, ...row })),
        ),
      ).toEqual([])
    }),
    { numRuns: 60 },
  )
}, 60_000)

describe('what names and values say', () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({
    orderId: `o-${i}`,
    at: '2026-11-30T12:00:00Z',
    customer: { mail: `p${i}@example.org`, city: ['Bonn', 'Köln'][i % 2] },
    'price (EUR)': i + 0.5,
    stars: i % 5,
    pixels: [0, 255, i],
    note: `came late and was broken again ${i}`,
    returned: i % 3 === 0,
  }))

  test('kinds, id, label and paths', async () => {
    const plan = await planOf(rows)
    expect(plan.columns.map(({ name: column, kind }) => `${column} ${kind}`)).toEqual([
      'orderId id',
      'at time',
      'mail text',
      'city category',
      'priceEUR number',
      'stars number',
      'pixels numbers',
      'note text',
      'returned flag',
    ])
    expect(plan.predict).toEqual({ task: 'probability', column: 'returned' })
    expect(plan.split.column).toBe('orderId')
    expect(plan.features.map(({ column }) => column)).toEqual(['city', 'priceEUR', 'stars', 'pixels'])
    expect(plan.columns.find(({ name: column }) => column === 'city')).toMatchObject({ from: 'customer.city' })
  })

  test('few whole numbers are classes when they are the label', async () => {
    expect((await planOf(rows, 'stars')).predict).toEqual({
      task: 'category',
      column: 'stars',
      classes: ['0', '1', '2', '3', '4'],
    })
  })

  test('a text alone becomes words', async () => {
    const texts = rows.map(({ returned }, i) => ({ text: `word${i} and a few more words`, spam: returned }))
    expect((await planOf(texts)).features).toMatchObject([{ column: 'text', encode: 'words' }])
  })

  test('nothing to predict is refused in words', () => {
    const profile = profileSample([{ a: 1 }, { a: 1 }])
    expect(() => proposePipeline(profile, { name: 'n', topic: 't', sample: 's' })).toThrow('--label')
    expect(() => proposePipeline(profileSample([]), { name: 'n', topic: 't', sample: 's' })).toThrow(
      'at least one event',
    )
  })
})
