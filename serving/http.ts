// Routes of the prediction server: rows in, answers that name their model version out.
import { createHash, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { failure, isFailure } from '../schemas/failures.ts'
import type { Plan } from '../schemas/plan.ts'
import { ANSWERED_PATHS } from '../schemas/served-paths.ts'
import { addGenerate, generatePath } from './generate-route.ts'
import type { LoadedModel } from './loader.ts'
import type { ServingMetrics } from './metrics.ts'
import { type RequestRows, readRequest, toHttpError } from './requests.ts'
import type { ServedPipeline } from './served-pipeline.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000

/** Answered without a token: a probe of the platform has none, and they tell nothing of the data. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

export interface HttpOptions {
  readonly served: readonly ServedPipeline[]
  readonly metrics: ServingMetrics
  /** bearer token that every request but the probes must carry */
  readonly token: string | undefined
  /** told of errors that clients must not see */
  readonly onError: (error: unknown) => void
}

/** The HTTP application, not yet listening. */
export function buildHttp(options: HttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // a field called __proto__ is a client's mistake, not ours to interpret
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  })
  // fastify reads text/plain by default; a browser sends that across sites without asking first
  app.removeContentTypeParser('text/plain')
  addFailures(app, options)
  if (options.token !== undefined) addAuthentication(app, options.token)
  addProbes(app, options)
  const open = { count: 0 }
  for (const served of options.served) {
    addPredict(app, served, options.metrics)
    if (served.plan.predict.task === 'next') addGenerate(app, served, { ...options, open })
  }
  return app
}

/** What a pipeline is served under. */
export function pathsOf({ serve, predict }: Plan): string[] {
  return predict.task === 'next' ? [serve.path, generatePath(serve.path)] : [serve.path]
}

function addFailures(app: FastifyInstance, { served, onError }: HttpOptions): void {
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = toHttpError(error)
    if (status >= 500 && status !== 503) onError(error)
    return reply.code(status).send(body)
  })
  const paths = served.flatMap(({ plan }) => pathsOf(plan).map((path) => `POST ${path}`))
  app.setNotFoundHandler((request, reply) => {
    const next = [...paths, ...ANSWERED_PATHS.map((path) => `GET ${path}`)].join(', ')
    const message = `${request.method} ${request.url.slice(0, 200)}: there is nothing here`
    return reply.code(404).send({ code: 'NOT_FOUND', message, next: `use one of ${next}` })
  })
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

function addProbes(app: FastifyInstance, { served, metrics }: HttpOptions): void {
  const live = (): Record<string, string | null> =>
    Object.fromEntries(served.map(({ plan, slot }) => [plan.name, slot.live()]))
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    // a pipeline that never had a champion does not hold back the others
    const ready = served.every(({ slot }) => slot.settled()) && served.some(({ slot }) => slot.live() !== null)
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', models: live() })
  })
  app.get('/models', async () => ({
    models: served.map(({ plan, slot }) => ({ pipeline: plan.name, path: plan.serve.path, model: slot.live() })),
  }))
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.render(live())),
  )
}

function addPredict(app: FastifyInstance, { plan, slot }: ServedPipeline, metrics: ServingMetrics): void {
  const rowsOf = new WeakMap<FastifyRequest, number>()
  app.post(plan.serve.path, {
    handler: async (request) => {
      const { rows, fieldName } = readRequest(plan.columns, request.body)
      const answer = await slot.use((model) => ({
        pipeline: plan.name,
        model: model.digest,
        predictions: predictRows(model, rows, fieldName),
      }))
      rowsOf.set(request, rows.length)
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

function predictRows(model: LoadedModel, rows: readonly unknown[], fieldName: RequestRows['fieldName']) {
  const inputs = rows.map((row, index) => {
    try {
      return model.parse(row)
    } catch (error) {
      if (!isFailure(error, 'REQUEST_INVALID')) throw error
      throw failure('REQUEST_INVALID', { ...error.facts, field: fieldName(index, String(error.facts.field ?? '')) })
    }
  })
  return model.predictInputs(inputs)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
