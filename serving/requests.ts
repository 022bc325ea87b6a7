// A request body → rows, and a failure → the body of an HTTP error.
import type { ColumnSpec } from '../schemas/columns.ts'
import { type FailureCode, failure, isFailure } from '../schemas/failures.ts'

/** Rows that one request may carry. */
const MAX_ROWS = 1_000

export interface RequestRows {
  readonly rows: readonly unknown[]
  /** how an error names a field of row `index`: "image", or "rows[3].image" in a batch */
  readonly fieldName: (index: number, field: string) => string
}

/**
 * One row `{…}`, or many `{ "rows": [{…}, …] }` (unless the pipeline has a column of that name).
 * Throws REQUEST_INVALID when it is neither, is empty, or has more than MAX_ROWS rows.
 */
export function readRequest(columns: readonly ColumnSpec[], body: unknown): RequestRows {
  if (!isObject(body)) throw invalid('body', 'a JSON object: one row, or {"rows": [row, …]}', kindOf(body))
  if (!('rows' in body) || columns.some(({ name }) => name === 'rows')) {
    return { rows: [body], fieldName: (_index, field) => field }
  }
  const { rows } = body
  if (!Array.isArray(rows)) throw invalid('rows', 'a list of rows', kindOf(rows))
  if (rows.length === 0 || rows.length > MAX_ROWS) throw invalid('rows', `1 to ${MAX_ROWS} rows`, `${rows.length}`)
  rows.forEach((row: unknown, i) => {
    if (!isObject(row)) throw invalid(`rows[${i}]`, 'a JSON object', kindOf(row))
  })
  return { rows, fieldName: (index, field) => (field === '' ? `rows[${index}]` : `rows[${index}].${field}`) }
}

export interface ErrorBody {
  readonly code: FailureCode | 'NOT_FOUND' | 'UNAUTHORIZED' | 'UNEXPECTED'
  readonly message: string
  readonly next: string
  readonly field?: unknown
  readonly expected?: unknown
  readonly found?: unknown
}

/** Any error → HTTP status and body. What is not of the catalogue stays inside: clients see no stack, path or key. */
export function toHttpError(error: unknown): { status: number; body: ErrorBody } {
  if (isFailure(error)) {
    const { code, message, next, facts } = error
    if (code === 'REQUEST_INVALID') {
      const { field, expected, found } = facts
      return { status: 400, body: { code, message, next, field, expected, found } }
    }
    if (code === 'NO_CHAMPION' || code === 'SERVER_BUSY') return { status: 503, body: { code, message, next } }
  }
  const status = httpStatusOf(error)
  if (status === 413)
    return { status, body: invalidBody('a body within the size limit', 'more', 'send fewer rows at once') }
  if (status === 415) {
    return { status, body: invalidBody('Content-Type: application/json', 'another type', 'set the header') }
  }
  if (status === 400) {
    return { status, body: invalidBody('valid JSON', error instanceof Error ? error.message : 'another', 'correct it') }
  }
  return {
    status: 500,
    body: { code: 'UNEXPECTED', message: 'the server failed', next: 'read the log of `sluice serve`' },
  }
}

function invalidBody(expected: string, found: string, next: string): ErrorBody {
  return { code: 'REQUEST_INVALID', field: 'body', message: `body: expected ${expected}`, expected, found, next }
}

const invalid = (field: string, expected: string, found: string) =>
  failure('REQUEST_INVALID', { field, expected, found })

function httpStatusOf(error: unknown): number {
  return isObject(error) && typeof error.statusCode === 'number' ? error.statusCode : 500
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
