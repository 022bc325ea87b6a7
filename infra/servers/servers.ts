// Starts, stops and shows the three local servers: Kafka, S3 and Temporal.
import path from 'node:path'
import { residentBytes } from '../../core/process-identity.ts'
import { writeWholeFile } from '../../core/whole-file.ts'
import type { Endpoints, S3ServerName, ServerName } from '../../schemas/endpoints.ts'
import { failure } from '../../schemas/failures.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { startKafka } from './kafka.ts'
import { withLock } from './lock.ts'
import { choosePorts, rememberedPorts, type ServerPorts } from './ports.ts'
import { kill, runningIn, type Stopped, stop } from './process.ts'
import { chooseS3Server, LOCAL_CREDENTIALS, startS3 } from './s3.ts'
import type { ServerStart } from './server-start.ts'
import { LOCAL_NAMESPACE, startTemporal } from './temporal.ts'

export interface StartServers {
  /** holds each server's data, log and pid, and the chosen ports; removing it is the reset */
  readonly stateDir: string
  /** downloads and builds, shared by all checkouts */
  readonly cacheDir: string
  /** told what is going on, a line at a time */
  readonly say?: (line: string) => void
  /** default: all three */
  readonly only?: readonly ServerName[]
  /** default: those of the last start, else free ones from 20000 to 29999 */
  readonly ports?: Partial<ServerPorts>
  /** default: the one that wrote what is there, else s3proxy */
  readonly s3Server?: S3ServerName | undefined
  /** aborted: nothing is started any more, what is starting is stopped, and its reason is thrown */
  readonly signal?: AbortSignal
}

export interface ServerStopped extends Stopped {
  readonly name: ServerName
}

export interface ServerStatus {
  readonly name: ServerName
  readonly version: string
  readonly running: boolean
  readonly pid: number | undefined
  /** undefined before the first start */
  readonly port: number | undefined
  readonly rssBytes: number | undefined
  /** where clients connect, for Temporal where people look */
  readonly url: string | undefined
}

export const SERVER_NAMES: readonly ServerName[] = ['kafka', 's3', 'temporal']

const START: Record<ServerName, (start: ServerStart) => Promise<void>> = {
  kafka: startKafka,
  s3: startS3,
  temporal: (start) => startTemporal(start),
}

function versionOf(name: ServerName, folder: string, s3Server?: S3ServerName): string {
  if (name === 'kafka') return VERSIONS.kafka
  if (name === 'temporal') return VERSIONS.temporalCli
  const server = chooseS3Server(folder, s3Server)
  return `${server} ${VERSIONS[server]}`
}

/**
 * Starts what does not run yet, side by side, and resolves when all of them answer; writes `<stateDir>/servers.json`.
 * When one fails, the others go on running and the first failure is thrown: the same call again continues.
 */
export function startServers(options: StartServers): Promise<Endpoints> {
  const { only = SERVER_NAMES, ports: wanted = {}, say = () => {}, s3Server, signal } = options
  const stateDir = path.resolve(options.stateDir)
  const cacheDir = path.resolve(options.cacheDir)
  return withLock({ stateDir, say }, async () => {
    refuseMovedPorts(stateDir, wanted)
    const ports = await choosePorts(stateDir, wanted)
    const startedMs = Date.now()
    const results = await Promise.allSettled(
      only.map(async (name) => {
        const folder = path.join(stateDir, name)
        const wasRunning = runningIn(folder) !== undefined
        if (!wasRunning) say(`starting ${name} ${versionOf(name, folder, s3Server)}`)
        await START[name]({ cacheDir, folder, ports, s3Server, signal, say: (line) => say(`${name}: ${line}`) })
        const seconds = ((Date.now() - startedMs) / 1000).toFixed(1)
        say(`${name} ${wasRunning ? 'already runs' : `is ready after ${seconds} s`}: ${urlOf(name, ports)}`)
      }),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
    const endpoints = endpointsOf(ports)
    await writeWholeFile(path.join(stateDir, 'servers.json'), `${JSON.stringify(endpoints, null, 2)}\n`)
    return endpoints
  })
}

/** Stops those that run, side by side; data and ports stay for the next start. */
export function stopServers(options: {
  readonly stateDir: string
  readonly only?: readonly ServerName[]
  readonly say?: (line: string) => void
}): Promise<ServerStopped[]> {
  const { only = SERVER_NAMES, say = () => {} } = options
  const stateDir = path.resolve(options.stateDir)
  return withLock({ stateDir, say }, () =>
    Promise.all(only.map(async (name) => ({ name, ...(await stop(path.join(stateDir, name))) }))),
  )
}

/** What runs now; looks only, so it needs no lock. */
export async function serverStatus({ stateDir }: { readonly stateDir: string }): Promise<ServerStatus[]> {
  const ports = rememberedPorts(stateDir)
  return SERVER_NAMES.map((name) => {
    const folder = path.join(stateDir, name)
    const pid = runningIn(folder)?.pid
    return {
      name,
      version: versionOf(name, folder),
      running: pid !== undefined,
      pid,
      port: ports?.[name],
      rssBytes: pid === undefined ? undefined : residentBytes(pid),
      url: ports && urlOf(name, ports),
    }
  })
}

/** SIGKILL to one server, as a crash: the next `startServers` brings it back on the same port with the same data. */
export async function killServer({
  stateDir,
  name,
}: {
  readonly stateDir: string
  readonly name: ServerName
}): Promise<void> {
  await kill(path.join(path.resolve(stateDir), name))
}

/** How clients reach the servers of these ports. */
function endpointsOf(ports: ServerPorts): Endpoints {
  return {
    kafka: { brokers: [`127.0.0.1:${ports.kafka}`] },
    s3: { endpoint: `http://127.0.0.1:${ports.s3}`, region: 'us-east-1', bucket: 'sluice', ...LOCAL_CREDENTIALS },
    temporal: {
      address: `127.0.0.1:${ports.temporal}`,
      namespace: LOCAL_NAMESPACE,
      uiUrl: `http://127.0.0.1:${ports.temporalUi}`,
    },
  }
}

function urlOf(name: ServerName, ports: ServerPorts): string {
  const { kafka, s3, temporal } = endpointsOf(ports)
  return { kafka: kafka.brokers[0] ?? '', s3: s3.endpoint ?? '', temporal: temporal.uiUrl }[name]
}

/** A running server cannot change its port. */
function refuseMovedPorts(stateDir: string, wanted: Partial<ServerPorts>): void {
  const remembered = rememberedPorts(stateDir)
  if (remembered === undefined || !SERVER_NAMES.some((name) => runningIn(path.join(stateDir, name)))) return
  for (const [name, port] of Object.entries(wanted)) {
    const now = remembered[name as keyof ServerPorts]
    if (now !== port) throw failure('PORT_MOVED', { server: name, found: now, expected: port })
  }
}
