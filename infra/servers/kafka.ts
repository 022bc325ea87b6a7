// The local Kafka broker as a child process.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { failure } from '../../schemas/failures.ts'
import { ensureLibraries } from '../downloads/jars.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { ensureJava, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { adoptClassArchive, classArchiveFlags } from './class-archive.ts'
import { isKafkaReady } from './kafka-ready.ts'
import { KAFKA_LOGGING, type KafkaSettings, kafkaProperties } from './kafka-settings.ts'
import { launch } from './process.ts'
import type { ServerStart } from './server-start.ts'

// compiled once, lightly: the broker starts in 1 to 2 s instead of 3 and idles smaller
const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError']
const HEAP_MIB = 384

/** What sets a broker apart from the only one of `sluice up`. */
export interface KafkaNode extends Pick<KafkaSettings, 'nodeId' | 'more'> {
  /** of all nodes of a cluster; default: a new one */
  readonly clusterId?: string
  /** default 384 MiB */
  readonly heapMiB?: number
  /** arguments of the first formatting, e.g. to add SCRAM users */
  readonly formatArgs?: readonly string[]
}

/** Fetches what is missing, formats the data folder the first time, and starts the broker. */
export async function startKafka(
  { cacheDir, folder, ports, say, signal }: ServerStart,
  node: KafkaNode = {},
): Promise<void> {
  const [home, java] = await Promise.all([ensureKafkaLibraries({ cacheDir, say }), ensureJava({ cacheDir, say })])
  await makeFolder(folder)
  const archive = { cacheDir, folder, name: `kafka-${VERSIONS.kafka}` }
  await adoptClassArchive(archive)
  const dataDir = path.join(folder, 'data')
  const properties = path.join(folder, 'server.properties')
  const logging = path.join(folder, 'log4j2.xml')
  const { kafka: port, kafkaController: controllerPort } = ports
  await writeFile(properties, kafkaProperties({ port, controllerPort, dataDir, ...node }))
  await writeFile(logging, KAFKA_LOGGING)
  const { heapMiB = HEAP_MIB } = node
  const heap = ['-Xms128m', `-Xmx${heapMiB}m`]
  const common = [...JVM, ...heap, '-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${logging}`]
  const classPath = ['-cp', path.join(home, 'libs', '*')]
  if (!existsSync(path.join(dataDir, 'meta.properties')))
    await format(java.command, [...common, ...classPath], { folder, ...node })
  await launch({
    signal,
    name: 'kafka',
    folder,
    command: java.command,
    args: [...common, ...classArchiveFlags(archive), ...classPath, 'kafka.Kafka', properties],
    env: java.env,
    ports: (node.nodeId ?? 1) === 1 ? [port, controllerPort] : [port],
    isReady: () => isKafkaReady(port),
    readyWithinMs: 120_000,
  })
}

/** Kafka's jars: the folder that holds `libs/*.jar`. */
function ensureKafkaLibraries(fetching: Fetching): Promise<string> {
  return ensureLibraries({
    ...fetching,
    name: `kafka-${VERSIONS.kafka}`,
    what: `Kafka ${VERSIONS.kafka} (45 jars, 45 MB)`,
  })
}

/** A data folder without meta.properties, which is written last, is formatted again. */
async function format(
  java: string,
  jvmArgs: readonly string[],
  { folder, clusterId = newClusterId(), formatArgs = [] }: { readonly folder: string } & KafkaNode,
): Promise<void> {
  const args = [
    'kafka.tools.StorageTool',
    'format',
    '-g',
    '-t',
    clusterId,
    '-c',
    path.join(folder, 'server.properties'),
    ...formatArgs,
  ]
  const result = await runCommand(java, [...jvmArgs, ...args], { timeoutMs: 120_000 })
  if (result.code !== 0)
    throw failure('SERVER_DIED', {
      server: 'kafka',
      detail: `its data folder could not be formatted: ${lastLines(result)}`,
      log: path.join(folder, 'log'),
    })
}

/** 16 random bytes; a leading dash would read as an option. */
export function newClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
