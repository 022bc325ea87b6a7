// Builds what the activities need, from the settings.
import type { Client } from '@temporalio/client'
import type { Deps } from '../activities/deps.ts'
import type { Config } from '../core/config.ts'
import { openS3Store } from '../lake/s3.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { connectBroker } from '../stream/broker.ts'
import { lazyBroker } from './lazy-broker.ts'
import { runTrainer } from './run-trainer.ts'
import { stageCode } from './stage-code.ts'

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
  const store = openS3Store(endpoints.s3)
  const { brokers } = endpoints.kafka
  const broker = lazyBroker(() => connectBroker({ brokers, clientId: 'sluice-worker' }))
  const close = async (): Promise<void> => {
    await broker.close()
    store.close()
  }
  const deps: Deps = {
    store,
    broker,
    temporal,
    runTrainer: (job, hooks) => runTrainer(job, { ...hooks, endpoints, config }),
    code: await stageCode(),
    limits: { maxRangeRows: config.maxRangeRows, maxRangeBytes: config.maxRangeBytes },
    backend: config.backend,
  }
  return { deps, close }
}
