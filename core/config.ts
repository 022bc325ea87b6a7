// The environment → frozen settings. The only place of the product outside infra/ that reads process.env.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Endpoints, type RegistrySettings, S3_SERVERS, type S3ServerName } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'
import { hostAndPort, httpUrl } from './addresses.ts'
import { kafkaSecurityFrom, kafkaSecurityVariables, maskedSecurity } from './kafka-security.ts'
import { MIN_KEY_BYTES } from './personal-key.ts'
import { tlsFrom, tlsVariables } from './tls-files.ts'

export interface Config {
  /** where pipelines/ and .sluice/ are: the working directory, or the project that it lies in, unless SLUICE_PROJECT says otherwise */
  readonly projectDir: string
  /** state of local servers and workers; git-ignored */
  readonly stateDir: string
  /** downloads and builds, shared by all projects of the user */
  readonly cacheDir: string
  /** null: no server configured and none started by `sluice up` */
  readonly endpoints: Endpoints | null
  /** which S3 server `sluice up` starts; undefined: the one that wrote what is there, else s3proxy */
  readonly s3Server: S3ServerName | undefined
  /** forces a training backend; undefined: the best that is there */
  readonly backend: 'tensorflow' | 'webgpu' | 'wasm' | 'cpu' | undefined
  /** true: a pipeline that demands a GPU trains on less where there is none */
  readonly gpuFallback: boolean
  /** true: training, evaluation and serving run operation by operation even where they could be compiled */
  readonly eager: boolean
  /** trainings write event files for TensorBoard below it; undefined: none are written */
  readonly tensorboardDir: string | undefined
  /** key and value bytes of one segment; a reading thread holds up to about four times as many in memory */
  readonly maxRangeBytes: number
  readonly maxRangeRows: number
  /** what one compressed batch may inflate to, in bytes; more is refused */
  readonly maxBatchBytes: number
  /** bytes of one event with key and headers; more is refused, since a reading thread holds an event several times over */
  readonly maxRecordBytes: number
  /** threads of a worker that read and decode ranges; each takes about 100 MB */
  readonly ingestThreads: number
  /** bearer token of the prediction server; needed when it can be reached from other machines */
  readonly serveToken: string | undefined
  /** secret of at least 32 bytes with which personal columns are hashed; needed by pipelines that have some */
  readonly personalKey: string | undefined
  /** how the bodies of new segments are compressed */
  readonly segmentCompression: 'none' | 'zstd' | 'lz4'
  /** so many small neighbouring ranges of a partition are merged after a commit; 0: never by itself */
  readonly compactRanges: number
  /** another archive than the public one for `sluice setup native --source stock`, e.g. of a mirror */
  readonly libtensorflow: { readonly url?: string; readonly sha256?: string }
  /** null: no schema registry is configured */
  readonly schemaRegistry: RegistrySettings | null
}

const TEMPORAL = 'SLUICE_TEMPORAL'

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the settings. Throws CONFIG_INVALID for values that cannot be used. */
export function loadConfig(env: Environment = process.env): Config {
  const projectDir = env.SLUICE_PROJECT === undefined ? projectAround(process.cwd()) : resolve(env.SLUICE_PROJECT)
  const stateDir = resolve(projectDir, env.SLUICE_STATE ?? '.sluice')
  const cacheDir = resolve(env.SLUICE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice'))
  return Object.freeze({
    projectDir,
    stateDir,
    cacheDir,
    endpoints: endpointsFrom(env, join(stateDir, 'servers.json')),
    s3Server: oneOf(env, 'SLUICE_S3_SERVER', S3_SERVERS),
    backend: oneOf(env, 'SLUICE_BACKEND', ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const),
    gpuFallback: oneOf(env, 'SLUICE_GPU_FALLBACK', ['0', '1'] as const) === '1',
    eager: oneOf(env, 'SLUICE_EAGER', ['0', '1'] as const) === '1',
    tensorboardDir: env.SLUICE_TENSORBOARD ? resolve(projectDir, env.SLUICE_TENSORBOARD) : undefined,
    maxRangeBytes: positive(env, 'SLUICE_MAX_RANGE_BYTES', 24 * 1024 * 1024),
    maxRangeRows: positive(env, 'SLUICE_MAX_RANGE_ROWS', 250_000),
    maxBatchBytes: positive(env, 'SLUICE_MAX_BATCH_BYTES', 1024 * 1024 * 1024),
    maxRecordBytes: positive(env, 'SLUICE_MAX_RECORD_BYTES', 32 * 1024 * 1024),
    ingestThreads: positive(env, 'SLUICE_INGEST_THREADS', 1),
    serveToken: secret(env, 'SLUICE_SERVE_TOKEN'),
    personalKey: personalKeyFrom(env),
    segmentCompression: oneOf(env, 'SLUICE_SEGMENT_COMPRESSION', ['none', 'zstd', 'lz4'] as const) ?? 'none',
    compactRanges:
      env.SLUICE_COMPACT_RANGES === '0' ? 0 : positive(env, 'SLUICE_COMPACT_RANGES', 64, '0 or a positive integer'),
    libtensorflow: libtensorflowFrom(env),
    schemaRegistry: registryFrom(env),
  })
}

/** The nearest folder from here up that holds pipelines/ (beside a package.json, unless it is this one); else this one. */
function projectAround(folder: string): string {
  if (existsSync(join(folder, 'pipelines'))) return folder
  for (let above = dirname(folder); ; above = dirname(above)) {
    if (existsSync(join(above, 'pipelines')) && existsSync(join(above, 'package.json'))) return above
    if (above === dirname(above)) return folder
  }
}

/** The settings as a person may see them: secrets masked. */
export function maskedConfig(config: Config): unknown {
  const { endpoints } = config
  const serveToken = config.serveToken === undefined ? undefined : '***'
  const personalKey = config.personalKey === undefined ? undefined : '***'
  const masked = { ...config, serveToken, personalKey, schemaRegistry: maskedRegistry(config.schemaRegistry) }
  if (endpoints === null) return masked
  const { kafka, s3, temporal } = endpoints
  const security = kafka.security && maskedSecurity(kafka.security)
  const shown = {
    ...endpoints,
    kafka: { ...kafka, security },
    s3: { ...s3, secretAccessKey: '***' },
    temporal: { ...temporal, ...(temporal.apiKey && { apiKey: '***' }) },
  }
  return { ...masked, endpoints: shown }
}

function maskedRegistry(settings: RegistrySettings | null): RegistrySettings | null {
  if (settings === null) return null
  const { password, token } = settings
  return { ...settings, ...(password ? { password: '***' } : {}), ...(token ? { token: '***' } : {}) }
}

/** Variables override, one by one, what `sluice up` wrote. */
function endpointsFrom(env: Environment, file: string): Endpoints | null {
  const local = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Endpoints) : null
  const given = <T>(name: string, read: (name: string, text: string) => T): T | undefined =>
    env[name] ? read(name, env[name]) : undefined
  const brokers = given('SLUICE_KAFKA_BROKERS', brokersOf) ?? local?.kafka.brokers
  const address = given('SLUICE_TEMPORAL_ADDRESS', hostAndPort) ?? local?.temporal.address
  const accessKeyId = env.AWS_ACCESS_KEY_ID ?? local?.s3.accessKeyId
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY ?? local?.s3.secretAccessKey
  const security = kafkaSecurityFrom(env)
  const tls = tlsFrom(env, TEMPORAL)
  const apiKey = env[`${TEMPORAL}_API_KEY`] || undefined
  if (!brokers || !address || !accessKeyId || !secretAccessKey) return null
  return {
    kafka: { brokers, ...(security && { security }) },
    s3: {
      endpoint: given('SLUICE_S3_ENDPOINT', httpUrl) ?? local?.s3.endpoint,
      region: env.AWS_REGION ?? local?.s3.region ?? 'us-east-1',
      bucket: env.SLUICE_S3_BUCKET ?? local?.s3.bucket ?? 'sluice',
      accessKeyId,
      secretAccessKey,
    },
    temporal: {
      address,
      namespace: env.SLUICE_TEMPORAL_NAMESPACE ?? local?.temporal.namespace ?? 'sluice',
      uiUrl:
        given('SLUICE_TEMPORAL_UI', httpUrl) ?? local?.temporal.uiUrl ?? `http://${address.replace(/:\d+$/, '')}:8233`,
      ...(tls && { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
    },
  }
}

const brokersOf = (name: string, text: string): string[] =>
  text
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker, _i, all) => broker !== '' || all.every((each) => each === ''))
    .map((broker) => hostAndPort(name, broker))

/** The endpoints as variables for a child process, so that it sees exactly what its parent saw. */
export function endpointVariables(endpoints: Endpoints): Record<string, string> {
  const { kafka, s3, temporal } = endpoints
  return {
    SLUICE_KAFKA_BROKERS: kafka.brokers.join(','),
    ...(kafka.security && kafkaSecurityVariables(kafka.security)),
    ...(s3.endpoint === undefined ? {} : { SLUICE_S3_ENDPOINT: s3.endpoint }),
    SLUICE_S3_BUCKET: s3.bucket,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
    SLUICE_TEMPORAL_NAMESPACE: temporal.namespace,
    SLUICE_TEMPORAL_UI: temporal.uiUrl,
    ...(temporal.tls && tlsVariables(temporal.tls, TEMPORAL)),
    ...(temporal.apiKey === undefined ? {} : { [`${TEMPORAL}_API_KEY`]: temporal.apiKey }),
  }
}

/** What a child process of the product inherits: this process's variables, with the endpoints that its parent uses. */
export function childEnvironment(
  endpoints: Endpoints,
  env: Environment = process.env,
): Record<string, string | undefined> {
  return { ...env, ...endpointVariables(endpoints) }
}

const REGISTRY = 'SLUICE_SCHEMA_REGISTRY'

function registryFrom(env: Environment): RegistrySettings | null {
  const url = env[REGISTRY]
  if (url === undefined || url === '') return null
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw failure('CONFIG_INVALID', { name: REGISTRY, expected: 'an http or https URL', found: url })
  if (parsed.username !== '' || parsed.password !== '') {
    const expected = `a URL without credentials: ${REGISTRY}_USER and ${REGISTRY}_PASSWORD, or ${REGISTRY}_TOKEN`
    throw failure('CONFIG_INVALID', { name: REGISTRY, expected, found: 'a URL with them' })
  }
  const user = env[`${REGISTRY}_USER`]
  const password = env[`${REGISTRY}_PASSWORD`]
  const token = env[`${REGISTRY}_TOKEN`]
  return {
    url,
    ...(user ? { user, password: password ?? '' } : {}),
    ...(token ? { token } : {}),
    timeoutMs: positive(env, `${REGISTRY}_TIMEOUT_MS`, 10_000),
  }
}

function libtensorflowFrom(env: Environment): Config['libtensorflow'] {
  const [urlName, sumName] = ['SLUICE_LIBTENSORFLOW_URL', 'SLUICE_LIBTENSORFLOW_SHA256'] as const
  const [url, sha256] = [env[urlName], env[sumName]?.toLowerCase()]
  if (url && !(URL.canParse(url) && /^(https?|file):$/.test(new URL(url).protocol)))
    throw failure('CONFIG_INVALID', { name: urlName, expected: 'an http, https or file URL', found: url })
  if (sha256 && !/^[0-9a-f]{64}$/.test(sha256))
    throw failure('CONFIG_INVALID', { name: sumName, expected: '64 hexadecimal digits', found: sha256 })
  return { ...(url && { url }), ...(sha256 && { sha256 }) }
}

function positive(env: Environment, name: string, fallback: number, expected = 'a positive integer'): number {
  const text = env[name]
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw failure('CONFIG_INVALID', { name, expected, found: text })
  return value
}

/** At least 16 characters: shorter ones can be guessed over a network. */
function secret(env: Environment, name: string): string | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  if (text.length >= 16) return text
  throw failure('CONFIG_INVALID', { name, expected: 'at least 16 characters', found: `${text.length}` })
}

/** Shorter keys can be guessed, and with the key the values behind the hashes. */
function personalKeyFrom(env: Environment): string | undefined {
  const name = 'SLUICE_PERSONAL_KEY'
  const text = env[name]
  if (text === undefined || text === '') return undefined
  const bytes = Buffer.byteLength(text)
  if (bytes >= MIN_KEY_BYTES) return text
  throw failure('CONFIG_INVALID', { name, expected: `at least ${MIN_KEY_BYTES} bytes`, found: `${bytes}` })
}

function oneOf<T extends string>(env: Environment, name: string, values: readonly T[]): T | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  const value = values.find((v) => v === text)
  if (value === undefined) throw failure('CONFIG_INVALID', { name, expected: values.join(' | '), found: text })
  return value
}
