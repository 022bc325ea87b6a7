// Windows of documents: every token is a target exactly once, behind the tokens that precede it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIRST_ID, PADDING_ID } from '../../../core/tokens.ts'
import { compileTransform } from '../../../ml/features/transform.ts'
import { windowsOf } from '../../../ml/features/windows.ts'
import { matrixOf } from '../../../ml/training/input/matrix.ts'
import type { Columns } from '../../../schemas/columns.ts'
import type { FittedTokens } from '../../../schemas/dataset.ts'
import { batchOf } from '../../clean/rows.ts'

const SPEC = [{ name: 'body', kind: 'text', maxBytes: 1_000 }] as const
const columnsOf = (texts: readonly (string | null)[]): Columns =>
  batchOf(
    SPEC,
    texts.map((body, offset) => ({ cells: { body }, partition: 0, offset, key: null })),
  )

const featureOf = (context: number): FittedTokens => ({
  column: 'body',
  encode: 'tokens',
  unit: 'characters',
  vocabulary: ['a', 'b', 'c'],
  width: context + 1,
  context,
})
const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'z'), maxLength: 20 })), {
  maxLength: 6,
})
const context = fc.integer({ min: 1, max: 7 })
const idOf = (letter: string) => (letter === 'z' ? 1 : 'abc'.indexOf(letter) + FIRST_ID)

describe('windows', () => {
  it('hold every token as a target once', () => {
    fc.assert(
      fc.property(texts, context, (documents, T) => {
        const { rows, inputs, targets, documents: owners } = windowsOf(columnsOf(documents), featureOf(T))
        const found = documents.map((): number[] => [])
        for (let row = 0; row < rows; row++) {
          const counted = inputs.slice(row * (T + 1) + 1, (row + 1) * (T + 1)).filter((id) => id !== PADDING_ID)
          expect(counted.length).toBe(targets[row])
          found[owners[row]!]!.push(...counted)
        }
        expect(found).toEqual(documents.map((text) => [...(text ?? '')].map(idOf)))
      }),
    )
  })
  it('go on where the one before ended', () => {
    const { inputs, targets, documents } = windowsOf(columnsOf(['abcab', null, 'c']), featureOf(3))
    expect([...inputs]).toEqual([...[0, 2, 3, 4], ...[4, 2, 3, 0], ...[0, 4, 0, 0]])
    expect([...targets]).toEqual([3, 2, 1])
    expect([...documents]).toEqual([0, 0, 2])
  })
  it('do not depend on how documents lie in parts', async () => {
    await fc.assert(
      fc.asyncProperty(texts, context, fc.nat(6), async (documents, T, cut) => {
        const feature = featureOf(T)
        const transform = compileTransform({ kind: 'transform', width: T + 1, features: [feature] })
        const predict = { task: 'next', column: 'body' } as const
        async function* parts(...of: (readonly (string | null)[])[]) {
          for (const part of of) yield columnsOf(part)
        }
        const rows = documents.length
        const whole = await matrixOf(parts(documents), { transform, predict, rows })
        const cutUp = await matrixOf(parts(documents.slice(0, cut), documents.slice(cut)), { transform, predict, rows })
        expect(cutUp).toEqual(whole)
        expect(whole.rows).toBe(documents.reduce((sum, text) => sum + Math.ceil((text ?? '').length / T), 0))
      }),
    )
  })
})

describe('a row to predict from', () => {
  const apply = (T: number, body: string | null) => {
    const transform = { kind: 'transform', width: T + 1, features: [featureOf(T)] } as const
    return [...compileTransform(transform).applyRow({ body })]
  }
  it('is the end of the text', () => {
    expect(apply(3, 'abcabc')).toEqual([2, 3, 4, 0])
    expect(apply(3, 'ab')).toEqual([0, 2, 3, 0])
    expect(apply(3, '')).toEqual([0, 0, 0, 0])
    expect(apply(3, null)).toEqual([0, 0, 0, 0])
  })
})
