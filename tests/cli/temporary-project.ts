// A project of its own for one test: pipeline, topic, bucket and Temporal namespace that nobody else uses.
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { endpointVariables, loadConfig } from '../../core/config.ts'
import { seededRandom } from '../../core/random.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { SEARCH_ATTRIBUTES } from '../../schemas/search-attributes.ts'

export interface TemporaryProject {
  /** settings of a command line in this project */
  readonly env: Record<string, string>
  readonly directory: string
  remove(): void
}

export async function temporaryProject(endpoints: Endpoints): Promise<TemporaryProject> {
  const id = randomUUID().slice(0, 8)
  // inside the repository, so that `sluice` resolves to this package
  const directory = join(process.cwd(), '.sluice', `test-cli-${id}`)
  const folder = join(directory, 'pipelines', 'pears')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pipeline.ts'), pipelineFile(`pears-${id}`))
  const namespace = `cli-${id}`
  await registerNamespace(endpoints.temporal.address, namespace)
  const env = {
    ...endpointVariables({
      ...endpoints,
      s3: { ...endpoints.s3, bucket: `cli-${id}` },
      temporal: { ...endpoints.temporal, namespace },
    }),
    SLUICE_PROJECT: directory,
    SLUICE_CACHE: loadConfig().cacheDir,
    SLUICE_BACKEND: 'wasm',
  }
  return { env, directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** Ripe when soft and yellow; every event on a line, one of them broken. */
export function pearEvents(count: number): string {
  const random = seededRandom(3)
  const lines = Array.from({ length: count }, (_, i) => {
    const [softness, yellow] = [random(), random()]
    return JSON.stringify({ id: `pear-${i}`, softness, yellow, ripe: softness + yellow > 1 })
  })
  return `${[...lines, 'not JSON'].join('\n')}\n`
}

const pipelineFile = (topic: string) => `// Which pear is ripe?
import { column, definePipeline, encode, gate, kafka, model, optimizer, predict, split } from 'sluice'

export default definePipeline({
  name: 'pears',
  owner: 'tests',
  source: kafka('${topic}', { format: 'json' }),
  columns: {
    id: column.id(),
    softness: column.number({ min: 0, max: 1 }),
    yellow: column.number({ min: 0, max: 1 }),
    ripe: column.flag(),
  },
  rules: {},
  features: { softness: encode.standardize(), yellow: encode.standardize() },
  predict: predict.probability('ripe'),
  split: split.byHash('id', { train: 0.6, validate: 0.2, test: 0.2 }),
  train: { model: model.mlp({ hidden: [8] }), optimizer: optimizer.adam({ rate: 0.01 }), batch: 32, epochs: 10, seed: 1 },
  gates: [gate.atLeast('auc', 0.8)],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
  retrain: [],
  serve: { path: '/pears' },
})
`

const TYPES = { Keyword: 2, Bool: 5 } as const // temporal.api.enums.v1.IndexedValueType

async function registerNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address })
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    })
    const searchAttributes = Object.fromEntries(
      Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]]),
    )
    // the new namespace takes a moment to be known everywhere
    for (let tries = 1; ; tries++) {
      try {
        await connection.operatorService.addSearchAttributes({ namespace, searchAttributes })
        return
      } catch (error) {
        if (tries === 100) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  } finally {
    await connection.close()
  }
}
