// The local servers as a table.
import type { ServerStatus } from '../../infra/servers/servers.ts'

/** Rows for `Output.table`; memory in MB (10⁶ bytes). */
export function serverTable(servers: readonly ServerStatus[]): Record<string, string>[] {
  return servers.map(({ name, version, running, pid, rssBytes, url }) => ({
    server: name,
    version,
    state: running ? 'running' : 'stopped',
    pid: pid === undefined ? '' : String(pid),
    memory: rssBytes === undefined ? '' : `${Math.round(rssBytes / 1e6)} MB`,
    url: url ?? '',
  }))
}
