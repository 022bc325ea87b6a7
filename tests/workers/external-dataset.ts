// A tiny dataset in a store for trainers of one's own, and servers that nobody asks.
import { encodeColumns } from '../../lake/arrow.ts'
import { putJson, putObject } from '../../lake/objects.ts'
import type { Store } from '../../lake/store.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { MANIFEST, partOf, TRANSFORM } from '../ml/flowers.ts'

export const ENDPOINTS: Endpoints = {
  kafka: { brokers: ['127.0.0.1:1'] },
  s3: { endpoint: undefined, region: 'r', bucket: 'b', accessKeyId: 'a', secretAccessKey: 's' },
  temporal: { address: '127.0.0.1:1', namespace: 'n', uiUrl: 'http://127.0.0.1:1' },
}

/** 40 training, 20 validation and 20 test rows of flowers. */
export async function makeDataset(into: Store): Promise<DatasetRef> {
  const part = async (rows: number, seed: number) => ({
    ...(await putObject(into, { kind: 'parts', extension: 'arrow', bytes: encodeColumns(partOf(rows, seed)) })),
    rows,
  })
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(into, { kind: 'transforms', value: TRANSFORM }),
    parts: { train: [await part(30, 1), await part(10, 2)], validate: [await part(20, 3)], test: [await part(20, 4)] },
  }
  const ref = await putJson(into, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting: manifest.accounting }
}
