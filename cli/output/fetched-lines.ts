// What was fetched, in words: told once, at the end of a set-up.
import { formatBytes } from '../../infra/downloads/format-bytes.ts'
import { fetchedBytes } from '../../infra/downloads/tally.ts'

/** e.g. "fetched 362 MB: tensorflow 195 MB, …", largest first; empty where nothing was fetched. */
export function fetchedLines(): string[] {
  const kinds = Object.entries(fetchedBytes()).toSorted(([, a], [, b]) => b - a)
  if (kinds.length === 0) return []
  const all = kinds.reduce((sum, [, bytes]) => sum + bytes, 0)
  return [`fetched ${formatBytes(all)}: ${kinds.map(([kind, bytes]) => `${kind} ${formatBytes(bytes)}`).join(', ')}`]
}
