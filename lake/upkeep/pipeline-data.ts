// What a pipeline alone has in the bucket: found first, then deleted in an order that a kill may cut anywhere.

import type { DatasetManifest } from '../../schemas/dataset.ts'
import { checkpointPrefix, ledgerChain, snapshotChain } from '../../schemas/ids.ts'
import { type LedgerChange, sinceRetired } from '../../schemas/ledger.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'
import { inParallel } from '../store/in-parallel.ts'
import type { ListingStore, StoredObject } from '../store/store.ts'
import { type Content, digestsIn, listContent, mark } from './collect-content.ts'

export interface FindPipelineData {
  readonly pipeline: string
  /** sources that the pipeline's file names now; what it made earlier names others */
  readonly sources: readonly string[]
  /** source id → pipelines of the project that read it too */
  readonly readers: ReadonlyMap<string, readonly string[]>
}

export interface PipelineData {
  /** in the order in which they are deleted: one group after the other, of each the first first */
  readonly groups: readonly DataGroup[]
  /** sources that stay, with who reads them too */
  readonly shared: readonly { readonly source: string; readonly readers: readonly string[] }[]
  /** cards and evaluations of what the ledger names: its record, which stays */
  readonly kept: number
}

export interface DataGroup {
  readonly what: string
  readonly objects: readonly StoredObject[]
  /** true: one at a time, so that a kill leaves a beginning */
  readonly inOrder: boolean
}

/**
 * All that nothing else leads to. What leads to others comes after them, stage records last: whoever begins again after a kill finds
 * the rest in the same way.
 */
export async function findPipelineData(store: ListingStore, find: FindPipelineData): Promise<PipelineData> {
  const { pipeline } = find
  const content = await listContent(store)
  const isOwn = (key: string): boolean =>
    key.startsWith(`stages/${pipeline}/`) || key.startsWith(`${ledgerChain(pipeline)}/`)
  const { objects, roots } = content
  const own = await mark(store, { objects, named: await digestsIn(store, roots.filter(isOwn)) })
  const records = await recordsOf(store, content)
  const foreign = [...objects.keys()].filter((digest) => !own.has(digest) && !records.has(digest))
  const foreignRoots = roots.filter((key) => !isOwn(key) && !records.has(key))
  const others = await mark(store, { objects, named: [...(await digestsIn(store, foreignRoots)), ...foreign] })
  const record = await recordOf(store, content, pipeline)
  const alone = [...own]
    .filter((digest) => !others.has(digest) && !record.has(digest) && !records.has(digest))
    .map((digest) => objects.get(digest)!)
  const leaves = alone.filter(({ key }) => !key.endsWith('.json'))
  const documents = alone.filter(({ key }) => key.endsWith('.json')).toReversed()

  const reached = { own: pick(content, own), others: pick(content, others) }
  const { unread, shared } = await sourcesOf(store, find, { ...reached, makers: makersIn(roots) })
  const files = await Promise.all(unread.map((source) => filesOf(store, source)))
  const chains = await Promise.all(unread.map((source) => all(store, `${snapshotChain(source)}/`)))
  const groups: DataGroup[] = [
    { what: 'models, parts of datasets and golden rows', objects: leaves, inOrder: false },
    { what: 'events of the source: segments and rejects', objects: files.flat(), inOrder: false },
    { what: "entries of the source's chain", objects: chains.flatMap((chain) => chain.toReversed()), inOrder: true },
    { what: 'manifests and settings', objects: documents, inOrder: true },
    { what: 'checkpoints', objects: await all(store, checkpointPrefix(pipeline, '').slice(0, -1)), inOrder: false },
    { what: 'stage records', objects: await all(store, `stages/${pipeline}/`), inOrder: false },
  ]
  return { groups: groups.filter((group) => group.objects.length > 0), shared, kept: record.size }
}

/** A repeated call goes on where an earlier one ended: what is gone already is no error. */
export async function deletePipelineData(store: ListingStore, { groups }: Pick<PipelineData, 'groups'>): Promise<void> {
  for (const { objects, inOrder } of groups)
    await inParallel(objects, ({ key }) => store.delete(key), inOrder ? 1 : undefined)
}

/** Digests of the cards and evaluations that the ledger names: small, and what an auditor asks for. */
async function recordOf(store: ListingStore, { objects }: Content, pipeline: string): Promise<Set<string>> {
  const entries: string[] = []
  for await (const key of store.list(`${ledgerChain(pipeline)}/`)) entries.push(key)
  const named = await digestsIn(store, entries)
  return new Set(named.filter((digest) => /^(models|evaluations)\//.test(objects.get(digest)?.key ?? '')))
}

/** Of pipelines that were deleted: their entries' keys, and digests of what these name, which stays and leads to nothing. */
async function recordsOf(store: ListingStore, { roots }: Content): Promise<Set<string>> {
  const ledgers = new Map<string, string[]>()
  for (const key of roots.filter((root) => !root.startsWith('stages/'))) {
    const chain = key.slice(0, key.lastIndexOf('/'))
    ledgers.set(chain, [...(ledgers.get(chain) ?? []), key])
  }
  const found = await inParallel([...ledgers.values()], async (keys) => {
    const entries = await inParallel(keys.toSorted(), async (key) => {
      const { change } = JSON.parse(new TextDecoder().decode((await store.get(key))!)) as ChainEntry<LedgerChange>
      return { key, change }
    })
    const past = entries.slice(0, entries.length - sinceRetired(entries).length).map(({ key }) => key)
    return [...past, ...(await digestsIn(store, past))]
  })
  return new Set(found.flat())
}

const pick = ({ objects }: Content, digests: ReadonlySet<string>): StoredObject[] =>
  [...digests].flatMap((digest) => objects.get(digest) ?? [])

interface Reached {
  readonly own: readonly StoredObject[]
  readonly others: readonly StoredObject[]
  /** pipelines with stage records: of others a record of what was decided may be left, which reads nothing */
  readonly makers: ReadonlySet<string>
}

const makersIn = (roots: readonly string[]): Set<string> =>
  new Set(roots.flatMap((key) => /^stages\/([^/]+)\//.exec(key)?.[1] ?? []))

/** Sources that the pipeline has read: those that nobody else reads, and those that somebody does. */
async function sourcesOf(store: ListingStore, find: FindPipelineData, { own, others, makers }: Reached) {
  const sources = new Set([...find.sources, ...(await lineagesOf(store, own)).map(({ source }) => source)])
  const foreign = (await lineagesOf(store, others)).filter(
    ({ pipeline }) => pipeline !== find.pipeline && makers.has(pipeline),
  )
  const readersOf = (source: string): string[] => {
    const made = foreign.filter((each) => each.source === source).map(({ pipeline }) => pipeline)
    return [...new Set([...(find.readers.get(source) ?? []), ...made])].sort()
  }
  const all = [...sources].sort().map((source) => ({ source, readers: readersOf(source) }))
  return {
    unread: all.filter(({ readers }) => readers.length === 0).map(({ source }) => source),
    shared: all.filter(({ readers }) => readers.length > 0),
  }
}

/** Of datasets and cards: which pipeline made them of which source. */
async function lineagesOf(
  store: ListingStore,
  objects: readonly StoredObject[],
): Promise<{ readonly pipeline: string; readonly source: string }[]> {
  const keys = objects.map(({ key }) => key).filter((key) => /^(datasets|models)\/.*\.json$/.test(key))
  const found = await inParallel(keys, async (key) => {
    const bytes = await store.get(key)
    if (bytes === undefined) return []
    const { pipeline, lineage } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<DatasetManifest>
    return pipeline === undefined || lineage === undefined ? [] : [{ pipeline, source: lineage.source.id }]
  })
  return found.flat()
}

/** Segments, rejects, and the notes of batches that name them. */
async function filesOf(store: ListingStore, source: string): Promise<StoredObject[]> {
  const notes = await inParallel(await all(store, 'ranges/'), async (note) => {
    const text = new TextDecoder().decode((await store.get(note.key)) ?? new Uint8Array())
    return text.includes(`/${source}/`) ? [note] : []
  })
  return [...notes.flat(), ...(await all(store, `segments/${source}/`)), ...(await all(store, `rejects/${source}/`))]
}

async function all(store: ListingStore, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = []
  for await (const object of store.objects(prefix)) objects.push(object)
  return objects
}
