// Routes of the prediction server: rows in, answers that name their model version out.
import { createHash, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Plan } from '../schemas/plan.ts'
import { ANSWERED_PATHS } from '../schemas/served-paths.ts'
import { addBodies } from './body.ts'
import { answerBroken, keptMs, receiveOptions, silenceMs, watchConnections } from './connections.ts'
import { addGenerate, generatePath } from './generate-route.ts'
import { misfitBody, toHttpError } from './http-errors.ts'
import { MAX_BODY_BYTES, RECEIVE_MS, shortName } from './limits.ts'
import type { ServingMetrics } from './metrics.ts'
import { predictRows, readRequest } from './requests.ts'
import type { ServedPipeline } from './served-pipeline.ts'

/** Answered without a token: a probe of the platform has none, and they tell nothing of the data. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz'])
/** Paths that an answer lists. */
const LISTED_PATHS = 20

export interface HttpOptions {
  readonly served: readonly ServedPipeline[]
  readonly metrics: ServingMetrics
  /** bearer token that every request but the probes must carry */
  readonly token: string | undefined
  /** milliseconds for a request to arrive whole; default RECEIVE_MS */
  readonly receiveMs?: number | undefined
  /** told of errors that clients must not see */
  readonly onError: (error: unknown) => void
}

/** The HTTP application, not yet listening. */
export function buildHttp(options: HttpOptions): FastifyInstance {
  const { metrics, receiveMs = RECEIVE_MS } = options
  const connections = { receiveMs, onRefused: metrics.countRefused }
  const app = fastify({
    http: receiveOptions(receiveMs),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: receiveMs,
    connectionTimeout: silenceMs(receiveMs),
    keepAliveTimeout: keptMs(receiveMs),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what still arrives is answered, and its connection ends with that
    clientErrorHandler: answerBroken(connections),
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
  })
  watchConnections(app, connections)
  addBodies(app)
  addFailures(app, options)
  if (options.token !== undefined) addAuthentication(app, options.token)
  addUnknown(app, options)
  addProbes(app, options)
  const open = { count: 0 }
  for (const served of options.served) {
    addPredict(app, served, metrics)
    if (served.plan.predict.task === 'next') addGenerate(app, served, { ...options, open })
  }
  return app
}

/** What a pipeline is served under. */
export function pathsOf({ serve, predict }: Plan): string[] {
  return predict.task === 'next' ? [serve.path, generatePath(serve.path)] : [serve.path]
}

function addFailures(app: FastifyInstance, { onError }: HttpOptions): void {
  app.setErrorHandler((error, request, reply) => {
    if (sendError(error, request, reply) === 500) onError(error)
    return reply
  })
}

/** Sends it; → its status. */
function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): number {
  const { status, body, headers = {} } = toHttpError(error, request.headers)
  // a client that sends all before it reads would meet a broken connection instead of this answer: Node reads on and drops the rest
  if (status === 413) reply.removeHeader('connection')
  reply.code(status).headers(headers).send(body)
  return status
}

function addAuthentication(app: FastifyInstance, token: string): void {
  const expected = digest(`Bearer ${token}`)
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN_PATHS.has(request.url.split('?')[0] ?? '')) return
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return
    await reply.code(401).header('www-authenticate', 'Bearer').send({
      code: 'UNAUTHORIZED',
      message: 'expected the header Authorization: Bearer <token>',
      next: 'send the value of SLUICE_SERVE_TOKEN that the server was started with',
    })
  })
}

/** Answers, before a body is read, what has no route: another method of a path, or nothing at all. */
function addUnknown(app: FastifyInstance, { served }: HttpOptions): void {
  const posts = served.flatMap(({ plan }) => pathsOf(plan))
  const methods = new Map([
    ...posts.map((path) => [path, 'POST'] as const),
    ...ANSWERED_PATHS.map((path) => [path, 'GET, HEAD'] as const),
  ])
  const all = [...methods].map(([path, allowed]) => `${allowed.split(',')[0]} ${path}`)
  const more = all.length - LISTED_PATHS
  const known = more > 0 ? `${all.slice(0, LISTED_PATHS).join(', ')} and ${more} more` : all.join(', ')
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerUnknown(request, reply, { methods, known })
    else if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1') {
      const next = 'send the header'
      reply.code(400).send(misfitBody({ field: 'host', expected: 'the header Host', found: 'none', next }))
    } else done()
  })
}

interface KnownPaths {
  /** path → the methods that it takes */
  readonly methods: ReadonlyMap<string, string>
  /** all of them, for a message */
  readonly known: string
}

function answerUnknown({ method, url }: FastifyRequest, reply: FastifyReply, { methods, known }: KnownPaths): void {
  const path = url.split('?')[0] ?? ''
  const what = `${method} ${shortName(url)}`
  const allowed = methods.get(path)
  if (allowed === undefined) {
    const message = `${what}: there is nothing here`
    reply.code(404).send({ code: 'NOT_FOUND', message, next: `use one of ${known}` })
    return
  }
  reply.header('allow', `${allowed}, OPTIONS`)
  if (method === 'OPTIONS') {
    reply.code(204).send()
    return
  }
  const message = `${what}: expected ${allowed}, found ${method}`
  reply.code(405).send({ code: 'METHOD_NOT_ALLOWED', message, next: `${allowed.split(',')[0]} ${path}` })
}

function addProbes(app: FastifyInstance, { served, metrics }: HttpOptions): void {
  const live = (): Record<string, string | null> =>
    Object.fromEntries(served.map(({ plan, slot }) => [plan.name, slot.live()]))
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    // a pipeline that never had a champion does not hold back the others
    const ready = served.every(({ slot }) => slot.settled()) && served.some(({ slot }) => slot.live() !== null)
    if (ready) return { status: 'ready', models: live() }
    const next = 'read the log of `sluice serve`: each of these needs a champion, and the newest to be in service'
    return reply.code(503).send({ code: 'NOT_READY', status: 'not ready', models: live(), next })
  })
  app.get('/models', async () => ({
    models: served.map(({ plan, slot }) => {
      const rollback = slot.rollback()
      return { pipeline: plan.name, path: plan.serve.path, model: slot.live(), ...(rollback !== null && { rollback }) }
    }),
  }))
  app.get('/metrics', async (_request, reply) => {
    const rolledBack = served.filter(({ slot }) => slot.rollback() !== null).map(({ plan }) => plan.name)
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.render(live(), new Set(rolledBack)))
  })
}

function addPredict(app: FastifyInstance, { plan, slot }: ServedPipeline, metrics: ServingMetrics): void {
  const rowsOf = new WeakMap<FastifyRequest, number>()
  app.post(plan.serve.path, {
    handler: async (request) => {
      const asked = readRequest(plan.columns, request.body)
      const answer = await slot.use((model) => ({
        pipeline: plan.name,
        model: model.digest,
        predictions: predictRows(model, asked),
      }))
      rowsOf.set(request, asked.rows.length)
      return answer
    },
    onResponse: async (request, reply) => {
      metrics.observe({
        pipeline: plan.name,
        status: reply.statusCode,
        rows: rowsOf.get(request) ?? 0,
        seconds: reply.elapsedTime / 1_000,
      })
    },
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
