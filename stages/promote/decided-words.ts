// A candidate that nobody is asked about any more: what was decided, by whom and why, and how it can be decided otherwise. Pure.
import { shortDigest } from '../../schemas/ids.ts'
import { isDecided, type LedgerChange, sinceRetired } from '../../schemas/ledger.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'
import { showTime } from '../../schemas/point-in-time.ts'

/** null: it is not decided, or it is the champion. */
export function decidedWords(
  entries: readonly ChainEntry<LedgerChange>[],
  { pipeline, model }: { readonly pipeline: string; readonly model: string },
): string | null {
  const last = sinceRetired(entries).findLast(({ change }) => change.model === model)?.change
  if (last === undefined || !isDecided(last.kind)) return null
  if (last.kind === 'rejected') return `rejected by ${who(last)}; \`sluice run ${pipeline} --ask-again\` asks once more`
  const after = entries.findLast(({ change }) => 'replaces' in change && change.replaces === model)?.change
  if (after === undefined || !('by' in after)) return null
  const what = after.kind === 'rolledBack' ? 'it was live, and rolled back' : 'it was live, and another was approved'
  const again = `\`sluice rollback ${pipeline} --to ${shortDigest(model)} --reason "…"\` puts it back`
  return `${what} by ${who(after)}; ${again}`
}

const who = ({ by, at, reason }: { readonly by: string; readonly at: string; readonly reason: string }): string =>
  `${by}, ${showTime(Date.parse(at))}${reason && `: ${reason}`}`
