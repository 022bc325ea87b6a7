// sluice doctor: checks what sluice needs, and says what to do about what is missing.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { describeSecurity } from '../../core/kafka-security.ts'
import { checkPrerequisites } from '../../infra/downloads/prerequisites.ts'
import { ensureNative } from '../../infra/tensorflow/native.ts'
import { type MultipartState, probeMultipart, probeStore } from '../../lake/store/probe.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { openBackend } from '../../ml/backend.ts'
import { loadPipelines } from '../../plan/registry.ts'
import type { KafkaEndpoint } from '../../schemas/endpoints.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import { MAIN_QUEUE } from '../../schemas/ids.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { serversOf, whyUnreachable } from '../../workers/servers/reach.ts'
import { hasWorker, requireEndpoints, withStore, withTemporal } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { backendWords } from '../native-backend.ts'
import { ATTRIBUTE_NAMES, creationAdvice } from '../search-attributes.ts'
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
  const prerequisites = await checkPrerequisites(config.cacheDir)
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
  const native = await ensureNative({ cacheDir: config.cacheDir, archive: config.libtensorflow })
  const built: Check = {
    name: 'native TensorFlow',
    ok: native.ok,
    needed: false,
    found: native.ok ? `${native.tensorflow}, library for ${native.variant} in ${native.libraryDir}` : native.why,
    next: native.ok ? '' : native.fix,
  }
  const chosen = await check('training backend', async () => {
    const { info } = await openBackend({ prefer: config.backend, device: 'any' })
    return `${info.name}, ${backendWords(info)}: ${info.why}`
  })
  return [built, chosen, await gpu(config)]
}

async function gpu(config: Config): Promise<Check> {
  const name = "GPU (for pipelines that say `device: 'gpu'`)"
  const optional = { name, needed: false, next: 'docs/guides/gpu.md' }
  try {
    const { info } = await openBackend({ prefer: config.backend, device: 'gpu' })
    return { ...optional, ok: true, found: `${info.name}, ${backendWords(info)}` }
  } catch (error) {
    if (!isFailure(error, 'DEVICE_MISSING')) throw error
    return { ...optional, ok: false, found: String(error.facts.found) }
  }
}

async function pipelines(config: Config): Promise<Check[]> {
  const { plans, invalid } = await loadPipelines(config.projectDir)
  const names = plans.size === 0 ? `none under ${config.projectDir}/pipelines` : [...plans.keys()].join(', ')
  return [
    { name: 'pipelines', ok: true, needed: true, found: names, next: '' },
    ...invalid.map(({ file, failure: { message, next } }) => ({
      name: `pipeline file ${file}`,
      ok: false,
      needed: true,
      found: message,
      next,
    })),
  ]
}

async function servers(config: Config): Promise<Check[]> {
  if (config.endpoints === null) {
    return [{ name: 'servers', ok: false, needed: true, found: 'none configured, none started', next: '`sluice up`' }]
  }
  const { kafka, s3 } = requireEndpoints(config)
  return Promise.all([
    check('Kafka', () => kafkaState(kafka, config)),
    check('S3: conditional writes', () =>
      withStore(config, async (store) => {
        await store.ensureBucket()
        await probeStore(store, { bucket: s3.bucket })
        return `bucket ${s3.bucket}: exactly one of 16 concurrent writers wins`
      }),
    ),
    multipart(config),
    check('Temporal', () =>
      withTemporal(config, async (client) => {
        await client.connection.workflowService.describeNamespace({ namespace: client.options.namespace })
        const worker = await hasWorker(client, MAIN_QUEUE)
        return `namespace ${client.options.namespace}; ${worker ? 'a worker polls' : 'no worker (`sluice worker`)'}`
      }),
    ),
    attributes(config),
  ])
}

/** Without them a run stands still at its first step. */
async function attributes(config: Config): Promise<Check> {
  const name = 'Temporal: search attributes'
  try {
    return await withTemporal(config, async (client) => {
      const { namespace } = client.options
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace })
      const missing = ATTRIBUTE_NAMES.filter((attribute) => !(attribute in (customAttributes ?? {})))
      const ok = missing.length === 0
      const found = ok ? 'all there' : `missing: ${missing.join(', ')}`
      return { name, ok, needed: true, found, next: ok ? '' : creationAdvice(namespace, missing) }
    })
  } catch (error) {
    // clouds let nobody ask
    return {
      name,
      ok: false,
      needed: false,
      found: (error as Error).message,
      next: creationAdvice('<namespace>', ATTRIBUTE_NAMES),
    }
  }
}

const MULTIPART: Record<MultipartState, { readonly found: string; readonly next: string }> = {
  'one wins': { found: 'exactly one of 8 concurrent uploads wins', next: '' },
  overwrites: {
    found: 'the last of concurrent uploads wins',
    next: 'nothing for sluice: objects above 64 MiB are named by their content. Do not rely on it elsewhere',
  },
  refused: {
    found: 'refused',
    next: 'allow s3:PutObject and s3:AbortMultipartUpload, or keep objects below 64 MiB: SLUICE_MAX_RANGE_BYTES',
  },
}

async function multipart(config: Config): Promise<Check> {
  const name = 'S3: multipart uploads'
  const store = openS3Store(requireEndpoints(config).s3, { multipartAboveBytes: 0 })
  try {
    const state = await probeMultipart(store)
    return { name, ok: state === 'one wins', needed: false, ...MULTIPART[state] }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return { name, ok: false, needed: false, found, next: 'see above' }
  } finally {
    store.close()
  }
}

async function kafkaState(kafka: KafkaEndpoint, config: Config): Promise<string> {
  // the client tries for long, and cannot tell a broker that is stopped
  const { kafka: server } = serversOf(requireEndpoints(config))
  const detail = await whyUnreachable(server)
  if (detail !== null) throw failure('BROKER_UNAVAILABLE', { brokers: server.address, detail })
  const broker = await connectBroker({ ...kafka, clientId: 'sluice-doctor' })
  try {
    const cluster = await broker.clusterId()
    const { plans } = await loadPipelines(config.projectDir)
    const topics = await Promise.all(
      [...plans.values()].map(async ({ name, source }) => {
        const ends = await broker.topicEnds(source.topic).catch(() => null)
        return `${source.topic} ${ends === null ? `not there (\`sluice apply ${name}\`)` : `${ends.length} partitions`}`
      }),
    )
    return `cluster ${cluster}; ${describeSecurity(kafka.security)}; topics: ${topics.join(', ') || 'none'}`
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
