// Objects named by their content that nothing leads to, whichever pipeline wrote them: found by marking, careful rather than exact.

import { isTailRecord } from '../../schemas/ids.ts'
import { inParallel } from '../store/in-parallel.ts'
import type { ListingStore, StoredObject } from '../store/store.ts'
import type { Collect, Garbage } from './garbage.ts'

/** Folders of such objects. What is in others is not collected here, so a new kind is safe until somebody adds it. */
const KINDS = [
  'code',
  'datasets',
  'evaluations',
  'fits',
  'golden',
  'ids',
  'models',
  'parts',
  'recipes',
  'transforms',
  'weights',
] as const

const DIGEST = /[0-9a-f]{64}/g
/** `<kind>/<two digits>/<sha256>.<extension>` */
const OBJECT = /^[a-z]+\/[0-9a-f]{2}\/([0-9a-f]{64})\.([a-z]+)$/
const LEDGER_ENTRY = /^models\/[^/]+\/ledger\/\d{20}\.json$/

/**
 * Old records of windows that have grown since, and old objects whose digest stands in no ledger, no stage record, no young object, nor in anything that these lead to. Every sha256 is taken
 * for a reference, wherever it stands: one too many keeps an object, one too few would lose it.
 */
export async function collectableContent({ store, beforeMs }: Pick<Collect, 'store' | 'beforeMs'>): Promise<Garbage[]> {
  const { objects, roots: all } = await listContent(store)
  const tails = await oldTails(store, beforeMs)
  const gone = new Set(tails.map(({ key }) => key))
  const roots = all.filter((key) => !gone.has(key))
  const young = [...objects].filter(([, { modifiedMs }]) => modifiedMs >= beforeMs).map(([digest]) => digest)
  const marked = await mark(store, { objects, named: [...(await digestsIn(store, roots)), ...young] })
  const unreferenced = [...objects].filter(([digest]) => !marked.has(digest)).map(([, object]) => object)
  return [
    ...tails.map((tail) => ({ ...tail, kind: 'tail' }) as const),
    ...unreferenced.map((object) => ({ ...object, kind: 'unreferenced' }) as const),
  ]
}

async function oldTails(store: ListingStore, beforeMs: number): Promise<StoredObject[]> {
  const tails: StoredObject[] = []
  for await (const object of store.objects('stages/'))
    if (isTailRecord(object.key) && object.modifiedMs < beforeMs) tails.push(object)
  return tails
}

export interface Content {
  /** by digest */
  readonly objects: ReadonlyMap<string, StoredObject>
  /** keys of what leads to them: entries of ledgers, stage records */
  readonly roots: readonly string[]
}

export async function listContent(store: ListingStore): Promise<Content> {
  const objects = new Map<string, StoredObject>()
  const roots: string[] = []
  for (const kind of KINDS) {
    for await (const object of store.objects(`${kind}/`)) {
      const digest = OBJECT.exec(object.key)?.[1]
      if (digest !== undefined) objects.set(digest, object)
      if (LEDGER_ENTRY.test(object.key)) roots.push(object.key)
    }
  }
  for await (const key of store.list('stages/')) roots.push(key)
  return { objects, roots }
}

/** Digests of everything that the named ones lead to, through the JSON objects among them; what leads comes before what it leads to. */
export async function mark(
  store: ListingStore,
  { objects, named }: { readonly objects: ReadonlyMap<string, StoredObject>; readonly named: readonly string[] },
): Promise<Set<string>> {
  const marked = new Set<string>()
  let wave = named
  while (wave.length > 0) {
    const fresh = [...new Set(wave)].filter((digest) => objects.has(digest) && !marked.has(digest))
    for (const digest of fresh) marked.add(digest)
    const keys = fresh.map((digest) => objects.get(digest)!.key).filter((key) => key.endsWith('.json'))
    wave = await digestsIn(store, keys)
  }
  return marked
}

export async function digestsIn(store: ListingStore, keys: readonly string[]): Promise<string[]> {
  const found = await inParallel(keys, async (key) => {
    const bytes = await store.get(key)
    return bytes === undefined ? [] : (new TextDecoder().decode(bytes).match(DIGEST) ?? [])
  })
  // a key that is made of inputs may be a digest that others name
  return [...found.flat(), ...keys.flatMap((key) => key.match(DIGEST) ?? [])]
}
