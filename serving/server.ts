// A prediction server: one slot per pipeline, a poll of the ledger, HTTP in front.
import { isIP } from 'node:net'
import { openLedger } from '../lake/ledger.ts'
import type { Store } from '../lake/store/store.ts'
import { openBackend } from '../ml/backend.ts'
import { failure } from '../schemas/failures.ts'
import { cameLive, rollbackWords } from '../schemas/ledger.ts'
import type { BackendName } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import { RESERVED_PATHS } from '../schemas/served-paths.ts'
import { buildHttp, pathsOf } from './http.ts'
import { type LoadedModel, loadVersion, type OpenBackend } from './loader.ts'
import { createServingMetrics, type ServingMetrics } from './metrics.ts'
import type { ServedPipeline } from './served-pipeline.ts'
import { openSlot, type SlotEvent } from './slot.ts'

export interface StartServing {
  readonly store: Store
  readonly plans: readonly Plan[]
  /** default 127.0.0.1; anything beyond loopback needs `token` */
  readonly host?: string
  /** 0: a free one */
  readonly port: number
  /** milliseconds between looks at the ledger; default 1000 */
  readonly pollMs?: number
  /** bearer token that clients must send */
  readonly token?: string | undefined
  /** milliseconds for a request to arrive whole; default RECEIVE_MS */
  readonly receiveMs?: number
  readonly backend?: BackendName | undefined
  /** see LoadVersion */
  readonly projectDir?: string
  /** true: the setting SLUICE_EAGER, no compiled graphs */
  readonly forceEager?: boolean
  readonly onEvent?: (event: SlotEvent) => void
  readonly onError?: (error: unknown) => void
}

export interface Serving {
  /** without a trailing slash */
  readonly url: string
  /** looks at the ledger now, instead of at the next poll */
  refresh(): Promise<void>
  /** stops listening, lets requests end that have arrived or do so in time, frees the models */
  close(): Promise<void>
}

/**
 * Starts serving the champions of `plans`; resolves when the port is open and each ledger was looked at once.
 * Throws CONFIG_INVALID for a host beyond loopback without a token, and for paths that collide; PORT_TAKEN.
 */
export async function startServing(options: StartServing): Promise<Serving> {
  const {
    store,
    plans,
    host = '127.0.0.1',
    port,
    pollMs = 1_000,
    token,
    onEvent,
    onError = () => {},
    forceEager,
    receiveMs,
  } = options
  requireToken(host, token)
  requireOwnPaths(plans)
  const backend = await openBackend({ ...(options.backend && { prefer: options.backend }), device: 'any' })
  const metrics = createServingMetrics()
  const served = plans.map((plan) =>
    servePlan({ store, plan, backend, projectDir: options.projectDir, forceEager, metrics, onEvent }),
  )
  const app = buildHttp({ served, metrics, token, receiveMs, onError })
  const refresh = async () => {
    await Promise.all(served.map(({ slot }) => slot.refresh()))
  }
  await refresh()
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw failure('PORT_TAKEN', { server: 'sluice serve', port }, error)
    throw error
  })
  const stopPolling = pollEvery(pollMs, refresh)
  return {
    url: urlOf(host, app.server.address()),
    refresh,
    async close() {
      await stopPolling()
      await app.close()
      for (const { slot } of served) slot.close()
    },
  }
}

function servePlan(options: {
  store: Store
  plan: Plan
  backend: OpenBackend
  projectDir: string | undefined
  forceEager: boolean | undefined
  metrics: ServingMetrics
  onEvent: StartServing['onEvent']
}): ServedPipeline {
  const { store, plan, backend, projectDir, forceEager, metrics, onEvent } = options
  const pipeline = plan.name
  const ledger = openLedger(store, pipeline)
  const passes = { rows: Number.POSITIVE_INFINITY, forceEager }
  const slot = openSlot<LoadedModel>({
    pipeline,
    look: async () => {
      const { head, state, entries } = await ledger.read()
      const rollback = rollbackWords(cameLive(entries))
      return { revision: head?.sha256 ?? 'empty', champion: state.champion, rollback }
    },
    load: (digest) => loadVersion(store, { pipeline, digest, columns: plan.columns, backend, projectDir, passes }),
    onEvent: (event) => {
      metrics.countLoad(pipeline, event.kind)
      onEvent?.(event)
    },
  })
  return { plan, slot }
}

/** Calls `work` again `everyMs` after it ended; the returned function stops it and waits for the one under way. */
function pollEvery(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let timer: NodeJS.Timeout
  let underWay = Promise.resolve()
  let stopped = false
  const next = () => {
    timer = setTimeout(() => {
      underWay = work().finally(() => {
        if (!stopped) next()
      })
    }, everyMs)
  }
  next()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await underWay
  }
}

/** 127.0.0.0/8, ::1 and localhost stay on this machine. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function requireToken(host: string, token: string | undefined): void {
  if (isLoopback(host) || token !== undefined) return
  const expected = `a token, since ${host} can be reached from other machines`
  throw failure('CONFIG_INVALID', { name: 'SLUICE_SERVE_TOKEN', expected, found: 'nothing' })
}

function requireOwnPaths(plans: readonly Plan[]): void {
  const taken = new Map<string, string>(RESERVED_PATHS.map((path) => [path, 'the server itself']))
  for (const plan of plans) {
    for (const path of pathsOf(plan)) {
      const owner = taken.get(path)
      if (owner !== undefined) {
        throw failure('PIPELINE_INVALID', {
          pipeline: plan.name,
          path: 'serve.path',
          expected: 'a path of its own',
          found: `${path}, which ${owner} has`,
        })
      }
      taken.set(path, `pipeline ${plan.name}`)
    }
  }
}

function urlOf(host: string, address: ReturnType<import('node:net').Server['address']>): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
