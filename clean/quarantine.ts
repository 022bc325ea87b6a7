// Why a row was quarantined: a utf8 column with the names of every rule that the row failed.
import type { Column } from '../schemas/columns.ts'

/** Name of the extra column of quarantine parts. */
export const REASONS_COLUMN = '_reasons'
const SEPARATOR = '; '

/** A rule's marks on one batch. */
export interface NamedFailures {
  readonly name: string
  readonly failed: Uint8Array
}

/** A text for each of the `selected` rows of a batch, empty for the others: the failed rules in the plan's order, joined by "; ". */
export function reasonsColumn(rules: readonly NamedFailures[], selected: Int32Array, rows: number): Column {
  const offsets = new Int32Array(rows + 1)
  const texts: string[] = []
  for (const row of selected) {
    const names = rules.filter((rule) => rule.failed[row] === 1).map((rule) => rule.name)
    const text = names.join(SEPARATOR)
    texts.push(text)
    offsets[row + 1] = Buffer.byteLength(text)
  }
  for (let row = 0; row < rows; row++) offsets[row + 1]! += offsets[row]!
  return { type: 'utf8', offsets, bytes: new Uint8Array(Buffer.from(texts.join(''))), valid: null }
}
