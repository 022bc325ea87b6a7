// Statuses that Temporal's clients meet, from a server that answers nothing else: what workers and commands make of them.
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { afterEach, expect, test } from 'vitest'
import { openTemporal, temporalFailure } from '../../../cli/temporal-connection.ts'
import { failure } from '../../../schemas/failures.ts'
import { connectTemporal } from '../../../workers/connect.ts'
import { listen } from '../../setup/listen.ts'

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' }
let server: Http2Server
afterEach(() => server.close())

/** Answers every call with the status, the first one (GetSystemInfo) with success where `letsIn`. */
async function endpointOf(status: number, text: string, letsIn: boolean) {
  server = createServer()
  server.on('stream', (stream, headers) => {
    if (letsIn && headers[':path']?.endsWith('GetSystemInfo')) return succeed(stream)
    stream.respond(
      { ...HEADERS, 'grpc-status': String(status), 'grpc-message': encodeURIComponent(text) },
      { endStream: true },
    )
  })
  return { address: await listen(server), namespace: 'n', uiUrl: '' }
}

function succeed(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(5)) // an empty message
}

const MISSING = 'Namespace n is not found.'

test.each([
  ['UNAUTHENTICATED at once', 16, 'no key', false, 'TEMPORAL_REFUSED', 'TEMPORAL_REFUSED'],
  ['PERMISSION_DENIED at once', 7, 'no key', false, 'TEMPORAL_REFUSED', 'TEMPORAL_REFUSED'],
  ['UNAUTHENTICATED', 16, 'no key', true, 'TEMPORAL_REFUSED', 'TEMPORAL_REFUSED'],
  ['PERMISSION_DENIED', 7, 'no key', true, 'TEMPORAL_REFUSED', 'TEMPORAL_REFUSED'],
  // a worker waits for it: a server opens its port before it knows its namespaces
  ['a missing namespace', 5, MISSING, true, 'TEMPORAL_UNAVAILABLE', 'TEMPORAL_REFUSED'],
])('%s', async (_what, status, text, letsIn, ofWorkers, ofCommands) => {
  const endpoint = await endpointOf(status, text, letsIn)
  await expect(connectTemporal(endpoint)).rejects.toMatchObject({
    code: ofWorkers,
    facts: { detail: expect.stringContaining(text) },
  })
  await expect(command(endpoint)).rejects.toMatchObject({ code: ofCommands, facts: { detail: text } })
})

test('what is wrong with the call itself is no matter of credentials', async () => {
  const endpoint = await endpointOf(3, 'odd argument', true)
  await expect(command(endpoint)).rejects.toMatchObject({ code: 3, details: 'odd argument' })
})

test('what the catalogue has said already stays, whatever caused it', () => {
  const late = Object.assign(new Error('late'), { code: 4, details: 'deadline', metadata: {} })
  const said = failure('WORKER_MISSING', { queue: 'q' }, late)
  expect(temporalFailure(said, { address: 'a', namespace: 'n', uiUrl: '' })).toBe(said)
})

async function command(endpoint: Awaited<ReturnType<typeof endpointOf>>): Promise<void> {
  const { client, close } = await openTemporal(endpoint)
  try {
    await client.workflowService.describeNamespace({ namespace: endpoint.namespace })
  } catch (error) {
    throw temporalFailure(error, endpoint)
  } finally {
    await close()
  }
}
