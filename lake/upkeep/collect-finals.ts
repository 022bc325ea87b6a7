// What only an unfinished step needs, once it has finished: ledgers of committed batches, checkpoints of trained models.
import { stageKey } from '../../schemas/ids.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { inParallel } from '../store/in-parallel.ts'
import type { ListingStore, StoredObject } from '../store/store.ts'
import type { Collect, Garbage } from './garbage.ts'

/** Old batch ledgers of the source, and old checkpoints of the pipeline's trainings that have a stage record. */
export async function collectableFinals({ store, sourceId, pipeline, beforeMs }: Collect): Promise<Garbage[]> {
  const ledgers = await inParallel(await olderThan(store, 'ranges/', beforeMs), async (object) =>
    (await isOfSource(store, object, sourceId)) ? object : null,
  )
  const checkpoints: Garbage[] = []
  const ended = new Map<string, boolean>()
  for (const object of await olderThan(store, `checkpoints/${pipeline}/`, beforeMs)) {
    const [inputs = ''] = object.key.slice(`checkpoints/${pipeline}/`.length).split('/')
    if (!ended.has(inputs)) ended.set(inputs, (await store.get(stageKey(pipeline, 'train', inputs))) !== undefined)
    if (ended.get(inputs)) checkpoints.push({ ...object, kind: 'checkpoint' })
  }
  return [...ledgers.flatMap((object) => (object ? [{ ...object, kind: 'ledger' } as const] : [])), ...checkpoints]
}

async function olderThan(store: ListingStore, prefix: string, beforeMs: number): Promise<StoredObject[]> {
  const objects: StoredObject[] = []
  for await (const object of store.objects(prefix)) if (object.modifiedMs < beforeMs) objects.push(object)
  return objects
}

/** All sources keep their ledgers in one place; the files in them carry the source's id. One without files is left alone. */
async function isOfSource(store: ListingStore, { key }: StoredObject, sourceId: string): Promise<boolean> {
  const bytes = await store.get(key)
  if (bytes === undefined) return false
  const results = JSON.parse(new TextDecoder().decode(bytes)) as RangeResult[]
  const files = results.flatMap(({ segment, rejects }) => [segment, rejects].flatMap((file) => file?.key ?? []))
  return files.length > 0 && files.every((file) => file.split('/')[1] === sourceId)
}
