// in = clean + rejected + duplicates, and every sum inside the accounting agrees; or the run stops.
import type { RowAccounting } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { SPLITS } from '../schemas/plan.ts'

/** Throws ROWS_UNACCOUNTED when a row is missing, counted twice, or a partial sum differs from its total. */
export function checkAccounting(accounting: RowAccounting): void {
  const { clean, rejected, duplicates } = accounting
  expectEqual(accounting.in, clean + rejected + duplicates, 'clean + rejected + duplicate rows')
  expectEqual(clean, sum(SPLITS.map((split) => accounting.split[split])), 'clean rows over all splits')
  expectEqual(rejected, sum(Object.values(accounting.rejectedBy)), 'rejected rows over all reasons')
}

function expectEqual(expected: number, found: number, what: string): void {
  // a comparison with NaN must not pass either
  if (!(expected === found && Number.isSafeInteger(expected) && expected >= 0)) {
    throw failure('ROWS_UNACCOUNTED', { what, expected, found })
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
