// Before a worker takes work: the bucket is there, and of concurrent conditional writes exactly one wins.
import { probeMultipart, probeStore } from '../lake/store/probe.ts'
import { openS3Store } from '../lake/store/s3.ts'
import type { Endpoints } from '../schemas/endpoints.ts'

/** Few, so that the start stays quick (about 50 requests); `sluice doctor` lets more of them race. */
const WRITERS = 8

/** Throws STORE_RACES for a store on which commits could be lost, STORE_UNAVAILABLE or STORE_REFUSED when it cannot be asked. */
export async function checkStore(s3: Endpoints['s3']): Promise<void> {
  const store = openS3Store(s3)
  try {
    await store.ensureBucket()
    await probeStore(store, { writers: WRITERS, bucket: s3.bucket })
  } finally {
    store.close()
  }
  await checkMultipart(s3)
}

/** Only objects above 64 MiB go in parts: a store that does that differently is used all the same, and said to be so. */
async function checkMultipart(s3: Endpoints['s3']): Promise<void> {
  const store = openS3Store(s3, { multipartAboveBytes: 0 })
  try {
    const state = await probeMultipart(store, { writers: 2 })
    if (state === 'one wins') return
    const found = state === 'refused' ? 'refuses multipart uploads' : 'overwrites objects when such an upload completes'
    process.emitWarning(`the S3 server ${found}: \`sluice doctor\``, { code: 'SLUICE_MULTIPART' })
  } finally {
    store.close()
  }
}
