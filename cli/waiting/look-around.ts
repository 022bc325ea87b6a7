// A look at everything that runs may wait for, and at the runs themselves: within seconds, whatever is away.
import type { Config } from '../../core/config.ts'
import { isFailure } from '../../schemas/failures.ts'
import { MAIN_QUEUE } from '../../schemas/ids.ts'
import { type Server, type Servers, serversOf } from '../../workers/servers/reach.ts'
import { hasWorker, withStore, withTemporal } from '../clients.ts'
import { unreachableOf } from './look-at-run.ts'
import { runsOf, type UnderWay } from './runs-of.ts'
import type { Unreachable } from './seen.ts'
import { waitLines } from './tell-waits.ts'

export interface Around {
  readonly unreachable: readonly Unreachable[]
  /** whether a worker asks for work; null: Temporal could not be asked */
  readonly worker: boolean | null
  readonly underWay: readonly UnderWay[]
}

/** Three tries of it are still no long wait. */
const STORE_ANSWERS_WITHIN_MS = 1_000
/** Any will do: one that is missing is an answer. */
const SOME_KEY = 'status'

/** At the runs of the pipelines with these names. */
export async function lookAround(config: Config, names: readonly string[]): Promise<Around> {
  if (config.endpoints === null) return { unreachable: [], worker: false, underWay: [] } // none can run
  const servers = serversOf(config.endpoints)
  const closed = await unreachableOf(Object.values(servers))
  const isOpen = ({ name }: Server): boolean => closed.every((server) => server.name !== name)
  const [silent, asked] = await Promise.all([
    isOpen(servers.s3) ? silentStore(config, servers.s3) : null,
    isOpen(servers.temporal) ? askTemporal(config, servers, names) : null,
  ])
  const silents = [silent, asked && 'why' in asked ? asked : null].filter((each) => each !== null)
  const { worker, underWay } = asked && 'worker' in asked ? asked : { worker: null, underWay: [] }
  return { unreachable: [...closed, ...silents], worker, underWay }
}

/** One that takes connections and does not answer; what it answers is for its readers. */
async function silentStore(config: Config, server: Server): Promise<Unreachable | null> {
  const patience = { connectTimeoutMs: STORE_ANSWERS_WITHIN_MS, answerTimeoutMs: STORE_ANSWERS_WITHIN_MS }
  return await withStore(config, (store) => store.get(SOME_KEY), patience).then(
    () => null,
    (error: unknown) => (isFailure(error, 'STORE_UNAVAILABLE') ? silentServer(server, error) : null),
  )
}

async function askTemporal(config: Config, servers: Servers, names: readonly string[]) {
  return await withTemporal(config, async (client) => ({
    worker: await hasWorker(client, MAIN_QUEUE),
    underWay: (await Promise.all(names.map((name) => runsOf(name, { client, servers })))).flat(),
  })).catch((error: Error) => silentServer(servers.temporal, error))
}

function silentServer({ name, address }: Server, error: Error): Unreachable {
  const why = isFailure(error) ? String(error.facts.detail ?? error.message) : error.message
  return { name, address, why: why.split('\n', 1)[0]! }
}

/** Lines for people. `tabled`: workflows that stand in a table beside it, of which only what they wait for is left to say. */
export function describeAround(
  around: Pick<Around, 'unreachable' | 'underWay'> | undefined,
  tabled: ReadonlySet<string> = new Set(),
): string[] {
  const { unreachable = [], underWay = [] } = around ?? {}
  return [
    ...underWay.flatMap(({ workflowId, stage, waits }) => {
      if (!tabled.has(workflowId)) return [underWayLine(workflowId, stage), ...(waits === null ? [] : waitLines(waits))]
      return waits === null ? [] : [workflowId, ...waitLines(waits)]
    }),
    ...unreachable.map(({ name, address, why }) => `${name} at ${address} does not answer: ${why}`),
  ]
}

const underWayLine = (workflowId: string, stage: string | null): string =>
  `under way: ${workflowId}${stage === null ? '' : `, ${stage}`}`
