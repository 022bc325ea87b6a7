// Rejects of a source as a person looks at them: counts per reason, and some records whole.
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { Reject } from '../../schemas/segment.ts'
import { openChain } from '../chain.ts'
import type { Store } from '../store/store.ts'
import { rangesInForce } from './ranges-in-force.ts'
import { readRejects } from './segment.ts'

export interface RejectSample extends Reject {
  readonly topic: string
}

export interface RejectReport {
  readonly total: number
  /** most frequent first; a record with several reasons counts under each */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
  /** the first of each reason before second ones, in the order of the reasons */
  readonly samples: readonly RejectSample[]
}

/** Reasons that are told apart; beyond that they count under REST. */
const MAX_REASONS = 500
const REST = 'other reasons'

/** Reads every rejects file in force, one at a time. `maxSamples`: records to keep. */
export async function reportRejects(
  store: Store,
  { sourceId, maxSamples }: { readonly sourceId: string; readonly maxSamples: number },
): Promise<RejectReport> {
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).entries()
  const counts = new Map<string, number>()
  const samples = new Map<string, RejectSample[]>()
  let total = 0
  for (const { rejects, range } of rangesInForce(links.map(({ entry }) => entry.change))) {
    if (rejects === null) continue
    for (const reject of await readRejects(store, rejects)) {
      total++
      for (const reason of new Set(reject.reasons.map(withoutFound))) {
        const known = counts.has(reason) || counts.size < MAX_REASONS ? reason : REST
        counts.set(known, (counts.get(known) ?? 0) + 1)
        const of = samples.get(known) ?? []
        samples.set(known, of)
        // a copy: the record is a view of its whole file
        if (of.length < maxSamples) of.push({ ...reject, ...copied(reject), topic: range.topic })
      }
    }
  }
  const reasons = [...counts].map(([reason, count]) => ({ reason, count }))
  reasons.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
  return {
    total,
    reasons,
    samples: pick(
      reasons.map(({ reason }) => samples.get(reason) ?? []),
      maxSamples,
    ),
  }
}

function copied({ key, value, headers }: Reject): Pick<Reject, 'key' | 'value' | 'headers'> {
  return {
    key: key && new Uint8Array(key),
    value: value && new Uint8Array(value),
    ...(headers && { headers: new Uint8Array(headers) }),
  }
}

/** What was found differs from record to record. */
function withoutFound(reason: string): string {
  return reason.startsWith('not JSON') ? 'not JSON' : reason.replace(/, found .*$/s, '')
}

/** Round by round over the reasons; no record twice. */
function pick(byReason: readonly (readonly RejectSample[])[], maxSamples: number): RejectSample[] {
  const picked = new Map<string, RejectSample>()
  for (let round = 0; round < maxSamples; round++) {
    for (const of of byReason) {
      const sample = of[round]
      if (sample !== undefined && picked.size < maxSamples) picked.set(`${sample.partition}/${sample.offset}`, sample)
    }
  }
  return [...picked.values()]
}
