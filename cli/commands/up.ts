// sluice up: starts the local servers.
import type { Command } from 'commander'
import { requirePrerequisites } from '../../infra/downloads/prerequisites.ts'
import { fetchedBytes } from '../../infra/downloads/tally.ts'
import { SERVER_NAMES, serverStatus, startServers } from '../../infra/servers/servers.ts'
import type { ServerName } from '../../schemas/endpoints.ts'
import { withStore } from '../clients.ts'
import { fetchedLines } from '../output/fetched-lines.ts'
import { formatMs } from '../output/output.ts'
import { serverTable } from '../output/server-table.ts'
import { examples, type Shell, usageError } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice up', 'sluice up --only temporal'))
    .option('--only <servers...>', `some of them: ${SERVER_NAMES.join(' ')}`, collectServers, [])
    .action(
      shell.action<[], { only: ServerName[] }>(async ({ config, output }, _args, { only }) => {
        const startedMs = Date.now()
        const { stateDir, cacheDir, s3Server } = config
        const say = (line: string) => output.line(line)
        await requirePrerequisites(cacheDir) // all at once, and before the first download
        const endpoints = await startServers({ stateDir, cacheDir, s3Server, say, ...(only.length > 0 && { only }) })
        if (only.length === 0 || only.includes('s3')) {
          await withStore({ ...config, endpoints }, (store) => store.ensureBucket())
        }
        const servers = await serverStatus({ stateDir })
        const ms = Date.now() - startedMs
        output.table(serverTable(servers))
        output.line(`\nup after ${formatMs(ms)}. Temporal UI: ${endpoints.temporal.uiUrl}`)
        for (const line of fetchedLines()) output.line(line)
        output.line('next: `sluice worker` in another terminal, then `sluice apply`')
        output.result({ servers, uiUrl: endpoints.temporal.uiUrl, ms, fetchedBytes: fetchedBytes() })
      }),
    )
}

/** Commander calls this once per value; a wrong one is a usage error. */
export function collectServers(text: string, before: readonly ServerName[]): ServerName[] {
  const name = SERVER_NAMES.find((server) => server === text)
  if (name === undefined) throw usageError(`no server ${text}: expected ${SERVER_NAMES.join(', ')}`)
  return [...before, name]
}
