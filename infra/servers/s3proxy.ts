// s3proxy over a folder, a Java server: the local S3 server that needs no build, as it runs on the Java that Kafka needs too.
import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { ensureLibraries } from '../downloads/jars.ts'
import { ensureJava, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { adoptClassArchive, classArchiveFlags } from './class-archive.ts'
import { launch, runningIn } from './process.ts'
import { isHealthy, type S3Start } from './server-start.ts'

/** Of the objects, below the server's folder. */
export const S3PROXY_DATA = 'objects'

/**
 * The heap starts small and is given back after a burst. It may become large because s3proxy holds each signed body in memory, twice
 * while it arrives: with 384 MiB, 16 writers of 24 MB each run into errors.
 */
const JVM = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xms32m',
  '-Xmx768m',
  '-XX:MinHeapFreeRatio=15',
  '-XX:MaxHeapFreeRatio=30',
]
/** Bounds the bodies in memory; more requests wait for their turn. */
const MAX_THREADS = 24

/** Fetches what is missing, and starts the server. */
export async function startS3proxy(start: S3Start): Promise<void> {
  const { cacheDir, folder, ports, say, signal } = start
  const [home, java] = await Promise.all([ensureS3proxy({ cacheDir, say }), ensureJava({ cacheDir, say })])
  const dataDir = path.join(folder, S3PROXY_DATA)
  await makeFolder(dataDir)
  const archive = { cacheDir, folder, name: `s3proxy-${VERSIONS.s3proxy}` }
  await adoptClassArchive(archive)
  // a running server has uploads on their way, which look the same
  if (existsSync(path.join(folder, 'pid')) && runningIn(folder) === undefined) await removeUnfinished(dataDir, say)
  const properties = path.join(folder, 's3proxy.properties')
  const logging = path.join(folder, 'logback.xml')
  await writeFile(properties, s3proxyProperties(start))
  await writeFile(logging, LOGGING)
  await launch({
    signal,
    name: 's3',
    folder,
    command: java.command,
    args: [
      ...[...JVM, ...classArchiveFlags(archive), `-Dlogback.configurationFile=${logging}`],
      ...['-cp', path.join(home, 'libs', '*'), 'org.gaul.s3proxy.Main', '--properties', properties],
    ],
    env: java.env,
    ports: [ports.s3],
    isReady: () => isHealthy(ports.s3),
    readyWithinMs: 60_000,
  })
}

/** Those of s3proxy's jars that its backend for folders uses: 19 MB; the others are for clouds (57 MB in all). */
function ensureS3proxy(fetching: Fetching): Promise<string> {
  return ensureLibraries({
    ...fetching,
    name: `s3proxy-${VERSIONS.s3proxy}`,
    what: `s3proxy ${VERSIONS.s3proxy} (20 jars, 19 MB)`,
  })
}

function s3proxyProperties({ folder, ports, credentials }: S3Start): string {
  const settings = {
    's3proxy.endpoint': `http://127.0.0.1:${ports.s3}`,
    's3proxy.authorization': 'aws-v2-or-v4',
    's3proxy.identity': credentials.accessKeyId,
    's3proxy.credential': credentials.secretAccessKey,
    's3proxy.jetty.max-threads': MAX_THREADS,
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': path.join(folder, S3PROXY_DATA),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(String(value))}\n`)
    .join('')
}

/** Such files are read as Latin-1, and a backslash begins an escape. */
const escaped = (value: string): string =>
  value.replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** logback.xml: without one s3proxy logs each request, a gigabyte an hour. */
const LOGGING = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`

/** An object on its way lies beside its place, under its name and a random UUID. */
const UNFINISHED = /(\.[a-z]+|^[0-9a-f]{64})-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Of a server that was killed, what it had not finished: nobody was told that these objects exist, yet it would list them for ever. */
async function removeUnfinished(dataDir: string, say: (line: string) => void): Promise<void> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const left = entries.filter((entry) => entry.isFile() && UNFINISHED.test(entry.name))
  for (const { parentPath, name } of left) await rm(path.join(parentPath, name))
  if (left.length > 0) say(`removed ${left.length} objects that the killed server had not finished`)
}
