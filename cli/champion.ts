// The champion in this process: answers without a server.
import type { Config } from '../core/config.ts'
import type { Store } from '../lake/store/store.ts'
import { openBackend } from '../ml/backend.ts'
import { loadPipeline } from '../plan/registry.ts'
import { type LoadedModel, loadChampion } from '../serving/loader.ts'
import { withStore } from './clients.ts'

/** Loads it as a server would, for the time of `work`. Throws what `loadChampion` throws. */
export async function withChampion(
  config: Config,
  pipeline: string,
  work: (model: LoadedModel, store: Store) => Promise<void>,
): Promise<void> {
  const { columns } = await loadPipeline(config.projectDir, pipeline)
  await withStore(config, async (store) => {
    const backend = await openBackend({ prefer: config.backend, device: 'any' })
    const model = await loadChampion(store, { pipeline, columns, backend, projectDir: config.projectDir })
    try {
      await work(model, store)
    } finally {
      model.dispose()
    }
  })
}
