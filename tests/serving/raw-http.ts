// HTTP by hand: what a well-behaved client would not send, or not so slowly.
import { connect, type Socket } from 'node:net'
import type { Serving } from '../../serving/server.ts'

export interface RawAnswer {
  /** 0: the connection ended without an answer */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** answers behind each other on the connection */
  readonly answers: number
  /** milliseconds until the connection ended */
  readonly ms: number
}

export function open({ url }: Serving): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // how it ends is seen by what arrived
  return socket
}

/** However it ends: events.once would throw at a reset. */
export function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

/** Sends the pieces and listens until the server ends the connection, or has answered once and said that it will. */
export async function exchange(serving: Serving, ...pieces: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const socket = open(serving)
  for (const piece of pieces) socket.write(piece)
  return heard(socket)
}

/** Sends `start`, then `more` every `everyMs` until the connection ends. */
export async function trickle(
  serving: Serving,
  { start, more, everyMs }: { readonly start: string; readonly more: string; readonly everyMs: number },
): Promise<RawAnswer> {
  const socket = open(serving)
  socket.write(start)
  const timer = setInterval(() => socket.write(more), everyMs)
  try {
    return await heard(socket)
  } finally {
    clearInterval(timer)
  }
}

async function heard(socket: Socket): Promise<RawAnswer> {
  const from = performance.now()
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => {
    text += piece
    // a kept connection is ended from here
    if (isWhole(text) && !/^connection: close/im.test(text)) socket.end()
  })
  await ended(socket)
  const ms = performance.now() - from
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*: /, '')]),
  )
  const status = Number(first.split(' ')[1] ?? 0)
  return { status, headers, body: rest.join('\r\n\r\n'), answers: text.split('HTTP/1.1 ').length - 1, ms }
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(text)?.[1]
  if (/^HTTP\/1\.1 204/.test(text)) return end > 0
  return end > 0 && length !== undefined && Buffer.byteLength(text.slice(end + 4)) >= Number(length)
}
