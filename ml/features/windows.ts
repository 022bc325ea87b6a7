// Next-token training: the documents of a part as windows of context + 1 token ids.
import { PADDING_ID } from '../../core/tokens.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { idEncoder, textReader } from './token-feature.ts'

export interface Windows {
  readonly rows: number
  /** [rows, context + 1]: ids [start, start + context] of a document; the first `context` are inputs, the last `context` targets */
  readonly inputs: Float32Array
  /** [rows] targets that count: the others are padding behind the document's end */
  readonly targets: Float32Array
  /** [rows] the document's row in the columns, ascending */
  readonly documents: Int32Array
}

/**
 * A padding id stands before the first token of a document, so that each of its tokens is a target exactly once. Windows follow each
 * other by `context` ids; the last one is filled up with padding. A document without a token has no window.
 * Throws MODEL_INVALID when the column is no text.
 */
export function windowsOf(columns: Columns, feature: FittedTokens): Windows {
  const context = contextOf(feature)
  const width = context + 1
  const documents = idsOfDocuments(columns, feature)
  const rows = documents.reduce((sum, ids) => sum + Math.ceil(ids.length / context), 0)
  const windows = {
    rows,
    inputs: new Float32Array(rows * width).fill(PADDING_ID),
    targets: new Float32Array(rows),
    documents: new Int32Array(rows),
  }
  let at = 0
  documents.forEach((ids, document) => {
    for (let start = 0; start < ids.length; start += context, at++) {
      const last = Math.min(start + context, ids.length)
      windows.inputs.set(ids.slice(start, last), at * width + 1)
      if (start > 0) windows.inputs[at * width] = ids[start - 1]!
      windows.targets[at] = last - start
      windows.documents[at] = document
    }
  })
  return windows
}

/** Tokens that a prediction sees. Throws MODEL_INVALID for a feature of rows of fixed length. */
export function contextOf({ column, context }: FittedTokens): number {
  if (context !== undefined) return context
  throw failure('MODEL_INVALID', { model: `feature ${column}`, expected: 'a context', found: 'a fixed length' })
}

/** A missing text is a document without tokens. */
function idsOfDocuments(columns: Columns, feature: FittedTokens): number[][] {
  const column = columns.byName[feature.column]
  const encode = idEncoder(feature)
  const textOf = column === undefined ? () => null : textReader(feature.column, column)
  return Array.from({ length: columns.rows }, (_, row) => encode(textOf(row) ?? ''))
}
