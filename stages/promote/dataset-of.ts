// The dataset that a model names by its digest, as stages refer to it.
import { readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function datasetOf(store: Store, digest: string): Promise<DatasetRef> {
  const key = objectKey('datasets', digest, 'json')
  const bytes = await readObject(store, { key, sha256: digest })
  const { accounting } = JSON.parse(new TextDecoder().decode(bytes)) as DatasetManifest
  return { key, sha256: digest, bytes: bytes.byteLength, digest, accounting }
}
