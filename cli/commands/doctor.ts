// sluice doctor: checks what sluice needs, and says what to do about what is missing.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { ensureNative } from '../../infra/native.ts'
import { checkPrerequisites } from '../../infra/prerequisites.ts'
import { probeStore } from '../../lake/probe.ts'
import { openBackend } from '../../ml/backend.ts'
import { loadPipelines } from '../../pipelines/registry.ts'
import { isFailure } from '../../schemas/failures.ts'
import { MAIN_QUEUE } from '../../schemas/ids.ts'
import { connectBroker } from '../../stream/broker.ts'
import { hasWorker, requireEndpoints, withStore, withTemporal } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { examples, type Shell } from '../shell.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  /** false: sluice works without it, slower or with less */
  readonly needed: boolean
  readonly found: string
  /** what to do where it is not ok */
  readonly next: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice doctor', 'sluice doctor --json | jq ".checks[] | select(.ok | not)"'))
    .action(
      shell.action<[], object>(async ({ config, output }) => {
        const checks: Check[] = []
        for (const part of [machine, backend, pipelines, servers]) {
          for (const check of await part(config)) {
            checks.push(check)
            const mark = check.ok ? '✓' : check.needed ? '✗' : '!'
            output.line(`${mark} ${check.name}: ${check.found}`)
            if (!check.ok) output.line(`    next: ${check.next}`)
          }
        }
        const ok = checks.every((check) => check.ok || !check.needed)
        output.line(ok ? '\nall that is needed is there' : '\nsomething that is needed is missing')
        output.result({ ok, checks })
        return ok ? EXIT.ok : EXIT.notReady
      }),
    )
}

async function machine(config: Config): Promise<Check[]> {
  const prerequisites = await checkPrerequisites()
  return prerequisites.map(({ name, neededFor, found, fix, optional }) => ({
    name: `${name} (${neededFor})`,
    ok: found !== undefined,
    // local servers are fetched with these tools; who has servers of their own can do without
    needed: !optional && (config.endpoints === null || name.startsWith('node')),
    found: found ?? 'missing',
    next: fix,
  }))
}

async function backend(config: Config): Promise<Check[]> {
  const native = await ensureNative({ cacheDir: config.cacheDir })
  const built: Check = {
    name: 'native TensorFlow',
    ok: native.ok,
    needed: false,
    found: native.ok ? `${native.tensorflow}${native.gpu ? ', with a GPU' : ', CPU'}` : native.why,
    next: native.ok ? '' : native.fix,
  }
  const chosen = await check('training backend', async () => {
    const { info } = await openBackend({ prefer: config.backend, device: 'any' })
    return `${info.name} (${info.version}, ${info.device}): ${info.why}`
  })
  return [built, chosen]
}

async function pipelines(config: Config): Promise<Check[]> {
  const found = await check('pipelines', async () => {
    const plans = await loadPipelines(config.projectDir)
    return plans.size === 0 ? `none under ${config.projectDir}/pipelines` : [...plans.keys()].join(', ')
  })
  return [found]
}

async function servers(config: Config): Promise<Check[]> {
  if (config.endpoints === null) {
    return [{ name: 'servers', ok: false, needed: true, found: 'none configured, none started', next: '`sluice up`' }]
  }
  const { kafka, s3 } = requireEndpoints(config)
  return Promise.all([
    check('Kafka', () => kafkaState(kafka.brokers, config)),
    check('S3: conditional writes', () =>
      withStore(config, async (store) => {
        await store.ensureBucket()
        await probeStore(store, { bucket: s3.bucket })
        return `bucket ${s3.bucket}: exactly one of 16 concurrent writers wins`
      }),
    ),
    check('Temporal', () =>
      withTemporal(config, async (client) => {
        await client.connection.workflowService.describeNamespace({ namespace: client.options.namespace })
        const worker = await hasWorker(client, MAIN_QUEUE)
        return `namespace ${client.options.namespace}; ${worker ? 'a worker polls' : 'no worker (`sluice worker`)'}`
      }),
    ),
  ])
}

async function kafkaState(brokers: readonly string[], config: Config): Promise<string> {
  const broker = await connectBroker({ brokers, clientId: 'sluice-doctor' })
  try {
    const cluster = await broker.clusterId()
    const plans = await loadPipelines(config.projectDir)
    const topics = await Promise.all(
      [...plans.values()].map(async ({ name, source }) => {
        const ends = await broker.topicEnds(source.topic).catch(() => null)
        return `${source.topic} ${ends === null ? `not there (\`sluice apply ${name}\`)` : `${ends.length} partitions`}`
      }),
    )
    return `cluster ${cluster}; topics: ${topics.join(', ') || 'none'}`
  } finally {
    await broker.close()
  }
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, needed: true, found: await look(), next: '' }
  } catch (error) {
    const next = isFailure(error) ? error.next : 'read the message'
    return { name, ok: false, needed: true, found: error instanceof Error ? error.message : String(error), next }
  }
}
