// Cells of a table without types → JSON values.

/** How tables write that there is no value. */
const MISSING = new Set(['', '?', 'NA', '<NA>', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'null', 'NULL', 'None'])
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/
/** 007 is no number: as one it would lose its zeros. */
const LEADING_ZERO = /^[-+]?0\d/
const FLAG = /^(?:true|false)$/i

const isMissing = (cell: string): boolean => MISSING.has(cell.trim())

const isNumber = (cell: string): boolean => NUMBER.test(cell) && !LEADING_ZERO.test(cell)

export type CellType = 'number' | 'flag' | 'text'

/** What all cells of a column are, so that one that looks like a number among words stays a word. */
export function typeOfCells(cells: Iterable<string>): CellType {
  let numbers = true
  let flags = true
  let known = false
  for (const cell of cells) {
    if (isMissing(cell)) continue
    known = true
    numbers &&= isNumber(cell.trim())
    flags &&= FLAG.test(cell.trim())
    if (!numbers && !flags) return 'text'
  }
  if (!known) return 'text'
  return numbers ? 'number' : 'flag'
}

/** A cell that is not of the type stays text: ingest rejects it with its reason. Spaces around it are no part of it. */
export function valueOfCell(cell: string, type: CellType): string | number | boolean | null {
  if (isMissing(cell)) return null
  const trimmed = cell.trim()
  if (type === 'number' && isNumber(trimmed)) return exactNumber(trimmed)
  if (type === 'flag') {
    if (FLAG.test(trimmed)) return trimmed.toLowerCase() === 'true'
    if (trimmed === '0' || trimmed === '1') return trimmed === '1'
  }
  return trimmed
}

/** An integer that no float64 is stays as it was written. */
function exactNumber(text: string): number | string {
  const value = Number(text)
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value
}
