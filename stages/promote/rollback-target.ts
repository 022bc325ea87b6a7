// Which model a rollback puts back into service, or the words why not. Pure.
import { failure, type SluiceFailure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { type LedgerChange, sinceRetired } from '../../schemas/ledger.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'
import { showTime } from '../../schemas/point-in-time.ts'
import type { RollbackRequest } from '../../schemas/rollback.ts'
import { listed, shown } from '../../schemas/shown.ts'

type Entry = ChainEntry<LedgerChange>
type Promoted = Extract<LedgerChange, { kind: 'promoted' }>
type Live = Extract<LedgerChange, { kind: 'promoted' | 'rolledBack' }>

/** The time that a model was live, and on what it was approved. */
export interface Tenure {
  readonly model: string
  readonly approved: Promoted & { readonly version: number }
  /** how it came into service for the last time */
  readonly last: Live & { readonly version: number }
}

export interface Wanted extends Pick<RollbackRequest, 'to' | 'replaces'> {
  readonly pipeline: string
}

/** Of digits alone a digest's start can be too: what is no entry's number is looked for among the digests. */
const ENTRY_NUMBER = /^#?\d{1,9}$/
const DIGEST_START = /^[0-9a-f]{4,64}$/

/**
 * The model that is to be live again; without `to` the one before the live one, those that were rolled back left out.
 * Throws ROLLBACK_REFUSED with the words why not.
 */
export function chooseTarget(
  entries: readonly Entry[],
  wanted: Wanted,
): { readonly live: Tenure; readonly target: Tenure } {
  const { pipeline, replaces } = wanted
  const tenures = tenuresOf(entries)
  const live = tenures.find(({ model }) => model === liveOrder(entries).at(-1))
  if (live === undefined) throw refused(pipeline, `${pipeline} has no model in service: there is nothing to roll back`)
  const seen = replaces === undefined ? '' : digits(replaces)
  if (!live.model.startsWith(seen)) throw refused(pipeline, staleWords(seen, live))
  const model = wanted.to === undefined ? before(entries, wanted, live) : named(entries, wanted.to, pipeline)
  if (model === live.model) {
    const { by, at, reason } = live.last
    const since = `since ${showTime(Date.parse(at))}, by ${by}${reason && ` (${reason})`}`
    throw refused(pipeline, `${shortDigest(model)} is live already, ${since}`)
  }
  const target = tenures.find((each) => each.model === model)
  if (target === undefined) throw refused(pipeline, neverLive(entries, model, pipeline))
  return { live, target }
}

/** Every model that was live, in the order of its first approval. */
export function tenuresOf(entries: readonly Entry[]): Tenure[] {
  const tenures = new Map<string, Tenure>()
  for (const { version, change } of sinceRetired(entries)) {
    if (change.kind !== 'promoted' && change.kind !== 'rolledBack') continue
    const found = tenures.get(change.model)
    const last = { ...change, version }
    if (change.kind === 'promoted')
      tenures.set(change.model, { model: change.model, approved: { ...change, version }, last })
    else if (found !== undefined) tenures.set(change.model, { ...found, last })
  }
  return [...tenures.values()]
}

/** Models in the order in which rollbacks would return to them, the live one last: what was rolled back is no longer among them. */
export function liveOrder(entries: readonly Entry[]): string[] {
  let order: string[] = []
  for (const { change } of sinceRetired(entries)) {
    if (change.kind !== 'promoted' && change.kind !== 'rolledBack') continue
    const at = change.kind === 'rolledBack' ? order.lastIndexOf(change.model) : -1
    order = at === -1 ? [...order, change.model] : order.slice(0, at + 1)
  }
  return order
}

/** What somebody finds who looked before the ledger changed. */
export function staleWords(seen: string, live: Pick<Tenure, 'model' | 'last'>): string {
  const { kind, by, at, reason } = live.last
  const how = `${kind === 'promoted' ? 'approved' : 'rolled back to'} by ${by}, ${showTime(Date.parse(at))}`
  return `you saw ${shortDigest(seen)} live, live is now ${shortDigest(live.model)} (${how}${reason && `: ${reason}`}): look again before you decide`
}

export function refused(pipeline: string, detail: string): SluiceFailure {
  return failure('ROLLBACK_REFUSED', { pipeline, detail })
}

function before(entries: readonly Entry[], { pipeline }: Wanted, live: Tenure): string {
  const found = liveOrder(entries).at(-2)
  if (found !== undefined) return found
  const others = tenuresOf(entries).filter(({ model }) => model !== live.model)
  const gone =
    others.length === 0
      ? 'it is the first'
      : `what was live otherwise was rolled back (${listed(others.map(({ model }) => shortDigest(model)))}): name one to have it all the same`
  throw refused(pipeline, `no model of ${pipeline} was live before ${shortDigest(live.model)}: ${gone}`)
}

/** The digest that a person named. */
function named(entries: readonly Entry[], typed: string, pipeline: string): string {
  const name = digits(typed)
  if (ENTRY_NUMBER.test(name)) {
    const version = Number(name.replace('#', ''))
    const entry = entries.find((each) => each.version === version)
    if (entry !== undefined) return entry.change.model
    const models = entries.map(({ change }) => change.model)
    if (!DIGEST_START.test(name) || !models.some((model) => model.startsWith(name)))
      throw refused(pipeline, `the ledger of ${pipeline} has entries 1 to ${entries.length}, found ${version}`)
  }
  const expected = 'the start of a digest (4 digits or more), or the number of an entry'
  if (!DIGEST_START.test(name)) throw refused(pipeline, `which model: expected ${expected}, found ${shown(typed)}`)
  const models = [...new Set(entries.map(({ change }) => change.model))]
  const matching = models.filter((model) => model.startsWith(name))
  if (matching.length === 1) return matching[0]!
  const found = listed((matching.length === 0 ? models : matching).map(shortDigest))
  const words =
    matching.length === 0 ? `no model of ${pipeline} starts with` : `several models of ${pipeline} start with`
  throw refused(pipeline, `${words} ${name}: found ${found}`)
}

function neverLive(entries: readonly Entry[], model: string, pipeline: string): string {
  const { change } = entries.findLast((entry) => entry.change.model === model)!
  const name = shortDigest(model)
  switch (change.kind) {
    case 'rejected': {
      const why = change.reason && `: ${change.reason}`
      return `${name} was rejected by ${change.by}, ${showTime(Date.parse(change.at))}${why}; it never was live, and a rollback approves nothing`
    }
    case 'promoted':
    case 'rolledBack':
    case 'retired':
      return `${name} was deleted with the data of ${pipeline}: what was decided stands in the ledger, the model is gone`
    case 'proposed':
      return `${name} waits for a decision and never was live: \`sluice approve ${pipeline} --digest ${name}\` decides about it`
    default:
      return `${name} never was live (${change.kind}): a rollback approves nothing`
  }
}

/** Accepts what a hurried person types: capitals, blanks, "sha256:". */
function digits(typed: string): string {
  return typed
    .replace(/\s/g, '')
    .toLowerCase()
    .replace(/^sha256:/, '')
}
