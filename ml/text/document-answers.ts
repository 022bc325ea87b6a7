// What a next-token model answers for the documents of a part: what each of them costs it.
import { tokensOf } from '../../core/tokens.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import { SCORES_PER_DOCUMENT } from '../../schemas/verdict.ts'
import { textReader } from '../features/token-feature.ts'
import { contextOf, windowsOf } from '../features/windows.ts'
import type { TextModel } from './text-model.ts'

/** A byte, or the end of a spelt word. */
const SPELLING_BITS = Math.log2(257)

/**
 * → [documents × 3]: nats of its tokens, tokens, bits of its text. The bits hold what it takes to spell a token that the vocabulary lacks,
 * byte by byte: else the smallest vocabulary would seem the best, since "unknown" is easily predicted. (Words are predicted without case
 * and spaces: bits of words compare with bits of words.)
 */
export function documentAnswers(
  model: Pick<TextModel, 'losses'>,
  feature: FittedTokens,
  columns: Columns,
): Float32Array {
  const { rows, inputs, documents, targets } = windowsOf(columns, feature)
  const context = contextOf(feature)
  const losses = model.losses(inputs)
  const nats = new Float64Array(columns.rows)
  const tokens = new Float64Array(columns.rows)
  for (let row = 0; row < rows; row++) {
    const document = documents[row]!
    tokens[document]! += targets[row]!
    for (let i = row * context; i < (row + 1) * context; i++) nats[document]! += losses[i]!
  }
  const spelt = spellingBits(columns, feature)
  const answers = new Float32Array(columns.rows * SCORES_PER_DOCUMENT)
  for (let document = 0; document < columns.rows; document++) {
    const bits = nats[document]! / Math.LN2 + spelt[document]!
    answers.set([nats[document]!, tokens[document]!, bits], document * SCORES_PER_DOCUMENT)
  }
  return answers
}

/** Characters (code points) of each document: what bits are counted by, the same for every model. */
export function charactersOf(columns: Columns, name: string): Float32Array {
  const textOf = textOfColumn(columns, name)
  return Float32Array.from({ length: columns.rows }, (_, row) => tokensOf('characters', textOf(row)).length)
}

function spellingBits(columns: Columns, { column, unit, vocabulary }: FittedTokens): Float64Array {
  const known = new Set(vocabulary)
  const encoder = new TextEncoder()
  const textOf = textOfColumn(columns, column)
  return Float64Array.from({ length: columns.rows }, (_, row) => {
    const unknown = tokensOf(unit, textOf(row)).filter((token) => !known.has(token))
    return unknown.reduce((bits, token) => bits + (encoder.encode(token).length + 1) * SPELLING_BITS, 0)
  })
}

function textOfColumn(columns: Columns, name: string): (row: number) => string {
  const column = columns.byName[name]
  if (column === undefined) return () => ''
  const textOf = textReader(name, column)
  return (row) => textOf(row) ?? ''
}
