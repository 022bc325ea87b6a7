// A request's body → rows.
import { isObject, kindOf } from '../core/strict-json.ts'
import type { ColumnSpec } from '../schemas/columns.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { MAX_ROWS, shortName } from './limits.ts'
import type { LoadedModel } from './loader.ts'
import type { Prediction } from './prediction.ts'

/** Where a single row stands. */
const BODY = 'body'

export interface RequestRows {
  readonly rows: readonly unknown[]
  /** how an error names a field of row `index`: "image", or "rows[3].image" in a batch */
  readonly fieldName: (index: number, field: string) => string
  /** how an error names row `index` itself: "body", or "rows[3]" */
  readonly rowName: (index: number) => string
}

/**
 * One row `{…}`, or many `{ "rows": [{…}, …] }` and nothing else (unless the pipeline has a column of that name).
 * Throws REQUEST_INVALID when it is neither, is empty, or has more than MAX_ROWS rows.
 */
export function readRequest(columns: readonly ColumnSpec[], body: unknown): RequestRows {
  if (!isObject(body)) throw invalid(BODY, 'a JSON object: one row, or {"rows": [row, …]}', kindOf(body))
  if (!Object.hasOwn(body, 'rows') || columns.some(({ name }) => name === 'rows')) {
    return { rows: [body], fieldName: (_index, field) => field, rowName: () => BODY }
  }
  const { rows, ...others } = body
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalid(BODY, '"rows" and nothing else', `"${shortName(other)}" beside it`)
  if (!Array.isArray(rows)) throw invalid('rows', 'a list of rows', kindOf(rows))
  if (rows.length === 0 || rows.length > MAX_ROWS) throw invalid('rows', `1 to ${MAX_ROWS} rows`, `${rows.length}`)
  rows.forEach((row: unknown, i) => {
    if (!isObject(row)) throw invalid(`rows[${i}]`, 'a JSON object', kindOf(row))
  })
  return { rows, fieldName: (index, field) => `rows[${index}].${field}`, rowName: (index) => `rows[${index}]` }
}

/** One answer per row, in their order. Throws what the model throws, with names as they stand in the body. */
export function predictRows(model: LoadedModel, { rows, fieldName, rowName }: RequestRows): Prediction[] {
  const read = model.openRequest()
  const inputs = rows.map((row, index) => {
    try {
      return read(row)
    } catch (error) {
      if (!isFailure(error, 'REQUEST_INVALID')) throw error
      const { field, whole, foreign, expected } = error.facts
      const name = whole === true ? rowName(index) : fieldName(index, shortName(String(field)))
      // in a form that is not ours there may have been many
      const many = foreign === true && name === BODY ? '; many as {"rows": [row, …]}' : ''
      throw failure('REQUEST_INVALID', { ...error.facts, field: name, expected: `${expected}${many}` })
    }
  })
  try {
    return model.predictInputs(inputs)
  } catch (error) {
    if (!isFailure(error, 'ANSWER_NOT_FINITE')) throw error
    const field = rowName(Number(error.facts.row))
    throw failure('ANSWER_NOT_FINITE', { ...error.facts, what: field, field })
  }
}

const invalid = (field: string, expected: string, found: string) =>
  failure('REQUEST_INVALID', { field, expected, found })
