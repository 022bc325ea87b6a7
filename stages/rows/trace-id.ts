// What becomes of every row of one id: they decide among themselves which one stays.
import { strict as assert } from 'node:assert'
import { firstsOf } from '../../clean/first-arrivals.ts'
import { partBuilder } from '../../clean/parts.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Arrival, Coverage } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TracedRow } from '../../schemas/traced-row.ts'
import { rememberFirsts, traceBatch } from './trace-batch.ts'

export interface TraceId {
  readonly plan: Plan
  readonly arrivals: readonly Arrival[]
  /** only rows within it are looked at; absent: all */
  readonly coverage?: readonly Coverage[]
}

/** `found`: of findId. */
export function traceId(found: Columns, { plan, arrivals, coverage }: TraceId): TracedRow[] {
  const batch = coverage === undefined ? found : within(found, plan, coverage)
  if (batch === null) return []
  const firsts = firstsOf(plan, arrivals)
  if (firsts !== null) rememberFirsts(batch, { plan, firsts })
  firsts?.settle()
  return traceBatch(batch, { plan, topic: plan.source.topic, firsts })
}

function within(found: Columns, plan: Plan, coverage: readonly Coverage[]): Columns | null {
  const { _partition: partitions, _offset: offsets } = found.byName
  assert(partitions?.type === 'int32' && offsets?.type === 'int64', 'rows of segments')
  const covers = (row: number): boolean =>
    coverage.some(
      ({ partition, start, end }) =>
        partition === partitions.values[row] && offsets.values[row]! >= start && offsets.values[row]! < end,
    )
  const rows = Int32Array.from({ length: found.rows }, (_, row) => row).filter(covers)
  const builder = partBuilder(plan.columns, found.rows + 1)
  builder.append(found, rows)
  return builder.flush()
}
