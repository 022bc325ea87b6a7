// An HTTP proxy before a real S3 server that answers, delays or breaks single requests as a test decides.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { listen } from '../setup/listen.ts'

export const OPERATIONS = [
  'segment PUT',
  'multipart create',
  'multipart part',
  'multipart complete',
  'manifest PUT',
  'manifest GET',
  'list',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** Segments go in one request or in parts, never both. */
export const isMultipart = (operation: Operation): boolean => operation.startsWith('multipart')

/** kill: the server acts, nobody hears of it, and the writer's process is killed by `onKill`. */
export const FAULTS = ['429', '500', '503', 'reset before', 'reset after', 'slow', 'truncated', 'kill'] as const
export type Fault = (typeof FAULTS)[number]

export interface FaultProxy {
  /** base URL */
  readonly endpoint: string
  /** faults so far */
  readonly injected: () => number
  close(): Promise<void>
}

interface ProxyOptions {
  /** base URL of the server */
  readonly target: string
  /** asked once per request of these operations, with its path; null: nothing goes wrong */
  readonly choose: (operation: Operation, path: string) => Fault | null
  readonly onKill?: (path: string) => void
  /** of answers that are slow; default 150 */
  readonly slowMs?: number
}

/** Starts on a free loopback port. The Host header goes through as it came: it is signed. */
export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  let injected = 0
  const agent = new Agent({ keepAlive: true })
  const server = createServer((incoming, answer) => {
    const operation = operationOf(incoming)
    const fault = operation === null ? null : options.choose(operation, incoming.url!)
    if (fault !== null) injected++
    handle(fault, { incoming, answer, options, agent }).catch(() => answer.destroy())
  })
  server.keepAliveTimeout = 60_000
  const address = await listen(server)
  return {
    endpoint: `http://${address}`,
    injected: () => injected,
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function operationOf({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): Operation | null {
  const { pathname, searchParams } = new URL(url, 'http://proxy')
  if (method === 'GET' && searchParams.has('list-type')) return 'list'
  if (/\/snapshots\/\d{20}\.json$/.test(pathname)) return method === 'PUT' ? 'manifest PUT' : 'manifest GET'
  return pathname.includes('/segments/') ? segmentOperation(method, searchParams) : null
}

function segmentOperation(method: string | undefined, query: URLSearchParams): Operation | null {
  if (method === 'POST') return query.has('uploads') ? 'multipart create' : 'multipart complete'
  if (method !== 'PUT') return null
  return query.has('uploadId') ? 'multipart part' : 'segment PUT'
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly answer: ServerResponse
  readonly options: ProxyOptions
  /** connections to the server that are used again */
  readonly agent: Agent
}

async function handle(fault: Fault | null, { incoming, answer, options, agent }: Exchange): Promise<void> {
  const body = await bytesOf(incoming)
  if (fault === 'reset before') return cut(answer)
  if (fault === '429' || fault === '500' || fault === '503') {
    answer.writeHead(Number(fault), { 'content-type': 'application/xml' }).end(errorBody(fault))
    return
  }
  if (fault === 'truncated' && incoming.method === 'PUT') {
    await forward({ incoming, options, agent: false, body: body.subarray(0, body.length >> 1), isCut: true }).catch(
      () => {},
    )
    return cut(answer)
  }
  const reply = await forward({ incoming, options, agent, body })
  if (fault === 'kill') options.onKill?.(incoming.url!)
  if (fault === 'kill' || fault === 'reset after') return cut(answer)
  if (fault === 'slow') await delay(options.slowMs ?? 150)
  answer.writeHead(reply.status, reply.headers)
  if (fault !== 'truncated' || reply.body.length === 0) {
    answer.end(reply.body)
    return
  }
  // the length that was promised does not come
  answer.write(reply.body.subarray(0, reply.body.length >> 1), () => cut(answer))
}

interface Reply {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

/** `isCut`: the connection ends after the bytes that there are, fewer than the header says. */
function forward(sent: {
  incoming: IncomingMessage
  options: ProxyOptions
  agent: Agent | false
  body: Buffer
  isCut?: boolean
}): Promise<Reply> {
  const { incoming, options, agent, body, isCut = false } = sent
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(options.target)
    const outgoing = request({
      hostname,
      port,
      path: incoming.url,
      agent,
      setHost: false,
      method: incoming.method!,
      headers: incoming.rawHeaders as never,
    })
    outgoing.on('error', reject).on('response', (response) => {
      const { statusCode, rawHeaders } = response
      bytesOf(response).then((found) => resolve({ status: statusCode!, headers: rawHeaders, body: found }), reject)
    })
    if (isCut) outgoing.write(body, () => outgoing.destroy())
    else outgoing.end(body)
  })
}

function cut(answer: ServerResponse): void {
  answer.socket?.destroy()
}

const ERROR_NAMES = { 429: 'TooManyRequests', 500: 'InternalError', 503: 'SlowDown' } as const

function errorBody(status: keyof typeof ERROR_NAMES | string): string {
  const name = ERROR_NAMES[Number(status) as keyof typeof ERROR_NAMES]
  return `<?xml version="1.0"?><Error><Code>${name}</Code><Message>injected</Message></Error>`
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
