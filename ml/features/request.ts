// A request's JSON → the raw row that the transform reads; the same rules as ingest, and errors that name the field.
import type { Value } from '../../core/values.ts'
import { parseValue } from '../../core/values.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'

/**
 * Reads the fields that the transform uses; other columns of the pipeline (id, label) may be sent and are ignored.
 * Missing or null fields are filled as in training, but a list of numbers has no fill and must be there.
 * An unknown field is ignored unless it looks like a misspelt name of a field that is absent.
 * Throws REQUEST_INVALID with the field's name.
 */
export function parseRow(columns: readonly ColumnSpec[], transform: Transform, json: unknown): Record<string, Value> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw failure('REQUEST_INVALID', { field: 'row', expected: 'an object', found: kindOf(json) })
  }
  const fields = json as Readonly<Record<string, unknown>>
  const used = transform.features.map((feature) => feature.column)
  refuseMisspelt(
    Object.keys(fields).filter((name) => !columns.some((column) => column.name === name)),
    used.filter((name) => !Object.hasOwn(fields, name)),
  )
  const row: Record<string, Value> = {}
  for (const name of used) {
    const spec = columns.find((column) => column.name === name)
    if (spec === undefined) {
      throw failure('MODEL_INVALID', { model: `feature ${name}`, expected: 'a column of the pipeline', found: 'none' })
    }
    row[name] = parseField(spec, Object.hasOwn(fields, name) ? fields[name] : undefined)
  }
  return row
}

function parseField(spec: ColumnSpec, json: unknown): Value {
  const parsed = parseValue(spec, json)
  if (!parsed.ok) throw failure('REQUEST_INVALID', { field: spec.name, expected: parsed.expected, found: parsed.found })
  if (parsed.value === null && spec.kind === 'numbers') {
    throw failure('REQUEST_INVALID', {
      field: spec.name,
      expected: `a list of ${spec.length} numbers`,
      found: 'nothing',
    })
  }
  return parsed.value
}

function refuseMisspelt(unknown: readonly string[], absent: readonly string[]): void {
  for (const field of unknown) {
    const meant = absent.find((name) => looksLike(field, name))
    if (meant !== undefined) {
      throw failure('REQUEST_INVALID', {
        field,
        expected: `a known field (did you mean ${meant}?)`,
        found: 'this name',
      })
    }
  }
}

/** Same letters in another case or with other separators, or at most one edit per four letters. */
function looksLike(field: string, name: string): boolean {
  const [a, b] = [plain(field), plain(name)]
  return a === b || editDistance(a, b) <= Math.floor(b.length / 4)
}

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1))
    }
    above = row
  }
  return above[b.length]!
}

function kindOf(json: unknown): string {
  return json === null ? 'null' : Array.isArray(json) ? 'a list' : `a ${typeof json}`
}
