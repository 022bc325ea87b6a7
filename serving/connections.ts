// The connections of a server: how long a request may take to arrive, what is answered where HTTP itself is not kept, and their end.
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ErrorAnswer, misfitBody } from './http-errors.ts'
import { shortName } from './limits.ts'

/** The time-out is looked at so often while it runs: what a request may take longer is this part of it. */
const LOOKS = 20
const MIN_LOOK_MS = 10
/** A connection is kept so much longer than a request may take: 72 s, because load balancers that keep theirs for 60 s must not meet its end. */
const KEPT = 2.4
/** Longer silences while a client reads its answer, or sends nothing of a body, end the connection without a word. */
const SILENCES = 2

/**
 * Options of Node's server. Node ends requests that are late only when it looks, by default every 30 s, and takes the larger of the two
 * times for the body: https://nodejs.org/api/http.html#serverheaderstimeout
 */
export function receiveOptions(receiveMs: number): ServerOptions {
  return {
    headersTimeout: receiveMs,
    requestTimeout: receiveMs,
    connectionsCheckingInterval: Math.max(MIN_LOOK_MS, Math.ceil(receiveMs / LOOKS)),
    requireHostHeader: false, // Node's own refusal has no body: ours has
  }
}

export const silenceMs = (receiveMs: number): number => SILENCES * receiveMs
export const keptMs = (receiveMs: number): number => KEPT * receiveMs

/** Errors of a connection as Node names them. */
type ConnectionError = Error & { readonly code?: string; readonly rawPacket?: unknown }

export interface ConnectionOptions {
  readonly receiveMs: number
  /** told of each request that was refused before it had a route */
  readonly onRefused: (status: number) => void
}

/** The answer to the newest request of a connection, under way or done. */
const newest = new WeakMap<Socket, ServerResponse>()

/** Answers what never became a request: broken HTTP, headers that are too long, one that did not arrive in time. */
export function answerBroken({ receiveMs, onRefused }: ConnectionOptions) {
  return (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const response = newest.get(socket)
    if (response?.req.complete && !response.writableFinished) {
      endBehind(response, socket)
      return
    }
    // nothing is said behind the answer to a request that had not arrived: its rest is what is broken
    if (!socket.writable || (response?.req.complete === false && response.headersSent)) {
      socket.destroy(error)
      return
    }
    const answer = ofConnection(error, receiveMs)
    onRefused(answer.status)
    socket.end(rawAnswer(answer), () => socket.destroySoon())
  }
}

const ending = new WeakSet<Socket>()

/** An answer that is due or under way is given whole; what is broken behind its request ends the connection with it. */
function endBehind(response: ServerResponse, socket: Socket): void {
  if (ending.has(socket)) return
  ending.add(socket)
  if (!response.headersSent) response.setHeader('connection', 'close')
  response.once('close', () => socket.destroySoon())
}

function ofConnection({ code = '', message, rawPacket }: ConnectionError, receiveMs: number): ErrorAnswer {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = `request: expected all of it within ${receiveMs / 1_000} s, found it incomplete`
    const next = 'send it faster, or fewer rows at once'
    return { status: 408, body: { code: 'REQUEST_TIMEOUT', message, next } }
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const next = 'send fewer or shorter headers; rows belong into the body'
    return { status: 431, body: misfitBody({ field: 'headers', expected: 'at most 16384 bytes', found: 'more', next }) }
  }
  const isTls = Buffer.isBuffer(rawPacket) && rawPacket[0] === TLS_HANDSHAKE
  const found = isTls ? 'TLS' : message
  const next = isTls ? 'use http://, or a proxy in front that ends TLS' : 'use a client that speaks HTTP/1.1'
  return { status: 400, body: misfitBody({ field: 'request', expected: 'HTTP/1.1', found, next }) }
}

/** First byte of a TLS connection. */
const TLS_HANDSHAKE = 0x16

const JSON_TYPE = 'application/json; charset=utf-8'

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

function rawAnswer({ status, body }: ErrorAnswer): string {
  const json = JSON.stringify(body)
  return [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
    '',
    json,
  ].join('\r\n')
}

/**
 * Watches the connections of an application: answers expectations that HTTP does not know (Node would, without a body), and when the
 * application closes, ends after `receiveMs` those on which no whole request is being answered. Node stops looking at its time-outs when
 * a server closes, so a body that trickles would keep it open for ever.
 */
export function watchConnections(app: FastifyInstance, { receiveMs, onRefused }: ConnectionOptions): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => newest.set(socket, response))
  app.server.on('checkExpectation', ({ headers }: IncomingMessage, response: ServerResponse) => {
    const found = shortName(String(headers.expect))
    const next = 'leave the header out'
    const json = JSON.stringify(misfitBody({ field: 'expect', expected: '100-continue', found, next }))
    const length = Buffer.byteLength(json)
    onRefused(417)
    response.writeHead(417, { 'content-type': JSON_TYPE, 'content-length': length, connection: 'close' }).end(json)
  })
  const endUnanswered = () => {
    for (const socket of sockets) {
      const response = newest.get(socket)
      if (!response?.req.complete || response.writableFinished) socket.destroy()
    }
  }
  let late: NodeJS.Timeout
  app.addHook('preClose', async () => {
    late = setTimeout(endUnanswered, receiveMs)
    app.server.keepAliveTimeout = 1 // ms: no connection outlives the answer that is under way
  })
  app.addHook('onClose', async () => clearTimeout(late))
}
