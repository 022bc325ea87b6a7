// A dataset on a real S3 server for the trainer: the flowers of tests/ml, written as the cleaner writes them.
import { randomUUID } from 'node:crypto'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { putJson, putObject } from '../../../lake/store/objects.ts'
import { openS3Store, type S3Store } from '../../../lake/store/s3.ts'
import type { DatasetManifest, DatasetRef, PartRef } from '../../../schemas/dataset.ts'
import type { Endpoints } from '../../../schemas/endpoints.ts'
import { MANIFEST, partOf, TRANSFORM } from '../../ml/flowers.ts'

export interface TrainerLake {
  /** with a bucket of its own, as the child process sees it */
  readonly endpoints: Endpoints
  readonly store: S3Store
  readonly dataset: DatasetRef
}

export async function openTrainerLake(servers: Endpoints, trainRows: number): Promise<TrainerLake> {
  const endpoints = { ...servers, s3: { ...servers.s3, bucket: `trainer-${randomUUID()}` } }
  const store = openS3Store(endpoints.s3)
  await store.ensureBucket()
  const part = async (rows: number, seed: number): Promise<PartRef> => {
    const bytes = encodeColumns(partOf(rows, seed))
    return { ...(await putObject(store, { kind: 'parts', extension: 'arrow', bytes })), rows }
  }
  const half = trainRows / 2
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(store, { kind: 'transforms', value: TRANSFORM }),
    parts: {
      train: [await part(half, 1), await part(half, 2)],
      validate: [await part(200, 3)],
      test: [await part(300, 4), await part(100, 5)],
    },
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return { endpoints, store, dataset: { ...ref, digest: ref.sha256, accounting: manifest.accounting } }
}
