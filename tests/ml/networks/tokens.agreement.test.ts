// Token ids of a text: the same from columns, from a request, and in a browser.
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTransform, parseRow } from '../../../ml/features/transform.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import type { FittedTokens, Transform } from '../../../schemas/dataset.ts'
import { batchOf } from '../../clean/rows.ts'

const COLUMNS: readonly ColumnSpec[] = [{ name: 'text', kind: 'text', maxBytes: 10_000 }]
const vocabulary = ['the', 'é', "don't", '\n', 'a', '👍', '.']
const featureOf = (more: Partial<FittedTokens>): FittedTokens => ({
  column: 'text',
  encode: 'tokens',
  unit: 'words',
  vocabulary,
  width: 6,
  ...more,
})
const transformOf = (feature: FittedTokens): Transform => ({
  kind: 'transform',
  width: feature.width,
  features: [feature],
})
const features = fc.constantFrom<FittedTokens[]>(
  featureOf({}),
  featureOf({ unit: 'characters' }),
  featureOf({ unit: 'characters', context: 5 }),
  featureOf({ context: 5 }),
)
const text = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...vocabulary, ' ', '\ufeff') }),
  ),
)

describe('token ids', () => {
  it('are the same from columns and rows', () => {
    fc.assert(
      fc.property(features, fc.array(text, { maxLength: 5 }), (feature, texts) => {
        const compiled = compileTransform(transformOf(feature))
        const rows = texts.map((each, offset) => ({ cells: { text: each }, partition: 0, offset, key: null }))
        const found = compiled.applyColumns(batchOf(COLUMNS, rows))
        expect([...found]).toEqual(texts.flatMap((each) => [...compiled.applyRow({ text: each })]))
      }),
    )
  })
  it('are the first of a text, then padding', () => {
    const compiled = compileTransform(transformOf(featureOf({ width: 4 })))
    expect([...compiled.applyRow({ text: "The É don't stop." })]).toEqual([2, 3, 4, 1])
    expect([...compiled.applyRow({ text: 'a.' })]).toEqual([6, 8, 0, 0])
    expect([...compiled.applyRow({ text: null })]).toEqual([0, 0, 0, 0])
  })
  it('are refused from a column that is no text', () => {
    const columns = { rows: 1, byName: { text: { type: 'bool', values: Uint8Array.of(1), valid: null } } } as const
    expect(() => compileTransform(transformOf(featureOf({}))).applyColumns(columns)).toThrow(/utf8.*bool/)
  })
  it('are the same in a browser', async () => {
    const entry = fileURLToPath(new URL('../../../ml/features/transform.ts', import.meta.url))
    const options = { platform: 'browser', format: 'iife', globalName: 'bundle', bundle: true, write: false } as const
    const { outputFiles } = await build({ entryPoints: [entry], ...options })
    const page = createContext({}) as {
      bundle: { compileTransform: typeof compileTransform; parseRow: typeof parseRow }
    }
    runInContext(outputFiles[0]!.text, page)
    const there = page.bundle
    fc.assert(
      fc.property(features, text, (feature, each) => {
        const transform = transformOf(feature)
        const row = parseRow(COLUMNS, transform, { text: each })
        const inBrowser = there.compileTransform(transform).applyRow(there.parseRow(COLUMNS, transform, { text: each }))
        expect([...inBrowser]).toEqual([...compileTransform(transform).applyRow(row)])
      }),
    )
  })
})
