// Builds what the activities need, from the settings.
import type { Client } from '@temporalio/client'
import type { Deps } from '../activities/deps.ts'
import type { Config } from '../core/config.ts'
import { openS3Store } from '../lake/store/s3.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { stageCode } from './code/stage-code.ts'
import { openDataClients } from './data-clients.ts'
import { openIngestPool } from './ingest/ingest-pool.ts'
import { runTrainer } from './trainer/run-trainer.ts'

export interface OpenDeps {
  readonly config: Config
  readonly endpoints: Endpoints
  readonly temporal: Client
}

/** Opens the clients. Close them when the worker has stopped. */
export async function openDeps({
  config,
  endpoints,
  temporal,
}: OpenDeps): Promise<{ deps: Deps; close(): Promise<void> }> {
  const clients = openDataClients({ config, endpoints })
  const store = openS3Store(endpoints.s3)
  const pool = openIngestPool({ config, endpoints }, store)
  const close = async (): Promise<void> => {
    await pool.close()
    await clients.broker.close()
    store.close()
  }
  const deps: Deps = {
    ...clients,
    store,
    temporal,
    ingestRange: pool.ingestRange,
    runTrainer: (job, hooks) => runTrainer(job, { ...hooks, endpoints, config }),
    ...(await stageCode()),
    projectDir: config.projectDir,
    backend: config.backend,
  }
  return { deps, close }
}
