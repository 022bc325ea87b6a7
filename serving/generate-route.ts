// POST <path>/generate: a text goes on, as one answer or piece by piece.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GenerationEnd } from '../ml/text/generate.ts'
import { failure } from '../schemas/failures.ts'
import { type GenerationRequest, readGeneration } from './generation.ts'
import { toHttpError } from './http-errors.ts'
import type { LoadedModel } from './loader.ts'
import type { ServingMetrics } from './metrics.ts'
import type { ServedPipeline } from './served-pipeline.ts'

/** Texts that one server generates at the same time: they share a thread, each further one slows the others. */
const MAX_AT_ONCE = 4

export interface GeneratedText extends GenerationEnd {
  readonly pipeline: string
  /** digest */
  readonly model: string
  readonly text: string
  /** gives the same text again with the same model and options */
  readonly seed: number
}

export function generatePath(path: string): string {
  return `${path}/generate`
}

export interface GenerateOptions {
  readonly metrics: ServingMetrics
  /** what is being generated on this server */
  readonly open: { count: number }
  /** told of errors in a stream that clients must not see */
  readonly onError: (error: unknown) => void
}

/** One route per pipeline that predicts next tokens. */
export function addGenerate(
  app: FastifyInstance,
  { plan, slot }: ServedPipeline,
  { metrics, open, onError }: GenerateOptions,
): void {
  app.post(generatePath(plan.serve.path), {
    handler: async (request, reply) => {
      const options = readGeneration(request.body)
      if (open.count >= MAX_AT_ONCE) throw failure('SERVER_BUSY', { expected: MAX_AT_ONCE, found: open.count })
      open.count += 1
      try {
        request.raw.socket.setTimeout(0) // it works for its answer: silence is no sign of a dead client
        return await slot.use((model) => answer(model, { pipeline: plan.name, options, request, reply, onError }))
      } finally {
        open.count -= 1
      }
    },
    onResponse: async (_request, reply) => {
      const { statusCode: status, elapsedTime } = reply
      metrics.observe({ pipeline: plan.name, status, rows: status === 200 ? 1 : 0, seconds: elapsedTime / 1_000 })
    },
  })
}

interface Asked {
  readonly pipeline: string
  readonly options: GenerationRequest
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly onError: (error: unknown) => void
}

/** → the answer; a stream is written to the socket instead, and is hijacked from fastify. */
async function answer(model: LoadedModel, asked: Asked): Promise<GeneratedText | undefined> {
  const { pipeline, options, reply } = asked
  const pieces = model.generate(options)
  const gone = (): boolean => reply.raw.destroyed
  if (!options.stream) {
    let text = ''
    const onPiece = (piece: string): void => {
      text += piece
    }
    const end = await collect(pieces, { gone, onPiece })
    return { pipeline, model: model.digest, text, ...end, seed: options.seed }
  }
  const write = openStream(asked)
  try {
    const end = await collect(pieces, { gone, onPiece: (text) => write({ text }) })
    write({ done: true, pipeline, model: model.digest, ...end, seed: options.seed })
  } catch (error) {
    asked.onError(error)
    write({ error: toHttpError(error).body }) // the status has been sent
  }
  reply.raw.end()
  return undefined
}

/** NDJSON, or server-sent events where the client accepts them: one JSON object for each piece, then one that says done. */
function openStream({ request, reply }: Asked): (value: unknown) => void {
  const events = request.headers.accept?.includes('text/event-stream') ?? false
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': events ? 'text/event-stream; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  })
  return (value) => reply.raw.write(events ? `data: ${JSON.stringify(value)}\n\n` : `${JSON.stringify(value)}\n`)
}

/** How a text ends that nobody waits for. */
const UNHEARD: GenerationEnd = { tokens: 0, finish: 'length' }

/** Lets other requests have their turn after each token; stops when the client is gone. */
async function collect(
  pieces: ReturnType<LoadedModel['generate']>,
  { gone, onPiece }: { gone: () => boolean; onPiece: (piece: string) => void },
): Promise<GenerationEnd> {
  for (;;) {
    const next = pieces.next()
    if (next.done === true) return next.value
    onPiece(next.value)
    await nextTurn()
    if (gone()) {
      pieces.return(UNHEARD) // frees what it holds
      return UNHEARD
    }
  }
}
