// Batches through the cleaner, a second time where a row was overtaken.
import { type CleanedPart, createCleaner, firstsOf } from '../../clean/cleaner.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import { PLAN } from './rows.ts'

export interface BatchesToClean {
  readonly batches: readonly Columns[]
  readonly partRows?: number
  readonly arrivals?: readonly Arrival[]
  readonly decodeRejects?: number
}

export function cleanBatches({ batches, partRows, arrivals = [], decodeRejects = 0 }: BatchesToClean) {
  const firsts = firstsOf(PLAN, arrivals)
  const pass = () => {
    const cleaner = createCleaner(PLAN, { ...(partRows && { partRows }), firsts })
    const early = batches.flatMap((batch) => cleaner.add(batch))
    return { cleaner, early }
  }
  let { cleaner, early } = pass()
  const passes = firsts?.isOvertaken() ? 2 : 1
  if (passes === 2) {
    firsts!.settle()
    ;({ cleaner, early } = pass())
  }
  const { parts, transform, accounting } = cleaner.finish({ decodeRejects })
  return { parts: [...early, ...parts] as CleanedPart[], transform, accounting, passes }
}
