// One cleaning by sluice in a process of its own: clean-task.ts FOLDER 'kept' | 'unkept'. Prints what was measured.
import { readColumns } from '../../lake/columns/read.ts'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { readJson } from '../../lake/store/objects.ts'
import { compileTransform } from '../../ml/features/transform.ts'
import { matrixOf } from '../../ml/training/input/matrix.ts'
import type { DatasetManifest, Transform } from '../../schemas/dataset.ts'
import { makeDataset } from '../../stages/clean/make-dataset.ts'
import { folderStore, PLAN, SOURCE } from './clean-lake.ts'

const [folder, memory] = process.argv.slice(2)
const store = folderStore(folder!)
const started = { at: performance.now(), cpu: process.cpuUsage() }
const { snapshot } = (await headSnapshot({ store, source: SOURCE }))!
const files = await snapshotSegments({ store, snapshot })
const hooks = { signal: new AbortController().signal, onProgress: () => {} }
const dataset = await makeDataset(
  store,
  { plan: PLAN, snapshot, files, code: memory === 'kept' ? 'bench' : null },
  hooks,
)
const cleanedAt = performance.now()
const cleanRssBytes = process.resourceUsage().maxRSS * 1024
const manifest = await readJson<DatasetManifest>(store, dataset)
const transform = compileTransform(await readJson<Transform>(store, manifest.transform))
async function* parts() {
  for (const part of manifest.parts.train) yield await readColumns(store, part)
}
const { predict } = PLAN
const matrix = await matrixOf(parts(), { transform, predict, rows: dataset.accounting.split.train })
const { user, system } = process.cpuUsage(started.cpu)
const result = {
  rows: dataset.accounting.clean,
  seconds: (performance.now() - started.at) / 1000,
  cleanSeconds: (cleanedAt - started.at) / 1000,
  cpuSeconds: (user + system) / 1e6,
  cleanRssBytes,
  maxRssBytes: process.resourceUsage().maxRSS * 1024,
  width: matrix.width,
  digest: dataset.digest,
}
console.log(JSON.stringify(result))
