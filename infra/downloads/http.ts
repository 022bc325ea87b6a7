// One GET by http or https: through a proxy where one is set, after redirects, given up when nothing comes.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { proxyFor } from './proxy.ts'

export interface Get {
  /** user and password in it become a header */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** a server that sends nothing for so long is given up; default: half a minute */
  readonly silenceMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** must be read to its end or destroyed */
  readonly body: IncomingMessage
  /** where the redirects ended; relative links of a page count from here */
  readonly url: string
}

/** Of a way to a server; told to a person as the reason of a failure of the catalogue. */
export class Trouble extends Error {}

/** A server that refuses for good: more attempts do not help. */
export class Refusal extends Trouble {}

const MAX_REDIRECTS = 10
const AGENTS = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: 8 }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: 8 }),
}

/** Any status but a redirect is an answer. Throws where the server cannot be reached. */
export async function get({ url, headers = {}, silenceMs = 30_000 }: Get): Promise<Answer> {
  let target = new URL(url)
  let own = headers
  for (let redirects = 0; ; redirects++) {
    const body = await ask(target, own, silenceMs)
    const { statusCode: status = 0, headers: found } = body
    if (![301, 302, 303, 307, 308].includes(status) || found.location === undefined) {
      return { status, headers: found, body, url: target.href }
    }
    body.resume()
    if (redirects === MAX_REDIRECTS) throw new Trouble(`more than ${MAX_REDIRECTS} redirects`)
    const next = new URL(found.location, target)
    if (next.host !== target.host) own = withoutCredentials(own) // they are for the registry, not for where its files lie
    target = next
  }
}

async function ask(
  target: URL,
  headers: Readonly<Record<string, string>>,
  silenceMs: number,
): Promise<IncomingMessage> {
  const proxy = proxyFor(target)
  const all = { 'accept-encoding': 'identity', 'user-agent': 'sluice', ...credentialsOf(target), ...headers }
  const open = await opener(target, proxy, silenceMs)
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(all)
    let body: IncomingMessage | undefined
    request.once('error', reject).once('response', (response) => {
      body = response
      resolve(response)
    })
    request.setTimeout(silenceMs, () => {
      const trouble = new Trouble(`nothing came for ${silenceMs / 1000} s`)
      body?.destroy(trouble) // else it may end as "aborted", which says nothing
      request.destroy(trouble)
    })
    request.end()
  })
}

type Opener = (headers: http.OutgoingHttpHeaders) => http.ClientRequest

async function opener(target: URL, proxy: URL | undefined, silenceMs: number): Promise<Opener> {
  const plain = new URL(target)
  plain.username = ''
  plain.password = ''
  if (proxy === undefined) {
    const secure = target.protocol === 'https:'
    return (headers) =>
      secure
        ? https.request(plain, { headers, agent: AGENTS['https:'] })
        : http.request(plain, { headers, agent: AGENTS['http:'] })
  }
  if (target.protocol === 'http:') {
    return (headers) =>
      toProxy(proxy, { path: plain.href, headers: { ...headers, host: target.host, ...proxyCredentials(proxy) } })
  }
  const socket = await tunnel(target, proxy, silenceMs)
  const createConnection = () => tls.connect({ socket, servername: target.hostname })
  return (headers) => https.request(plain, { headers, agent: false, createConnection })
}

function toProxy(proxy: URL, options: http.RequestOptions): http.ClientRequest {
  const { hostname, port, protocol } = proxy
  return protocol === 'https:'
    ? https.request({ hostname, port: port || 443, agent: false, ...options })
    : http.request({ hostname, port: port || 80, agent: false, ...options })
}

/** A connection through the proxy to a server that speaks TLS. */
function tunnel({ hostname, port }: URL, proxy: URL, silenceMs: number): Promise<Socket> {
  const authority = `${hostname}:${port || 443}`
  return new Promise((resolve, reject) => {
    const headers = { host: authority, ...proxyCredentials(proxy) }
    const request = toProxy(proxy, { method: 'CONNECT', path: authority, headers })
    request.once('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Trouble(`the proxy ${proxy.host} answers HTTP ${statusCode}`))
    })
    request.once('error', (error) => reject(new Trouble(`the proxy ${proxy.host}: ${error.message}`, { cause: error })))
    request.setTimeout(silenceMs, () => request.destroy(new Trouble(`nothing came for ${silenceMs / 1000} s`)))
    request.end()
  })
}

function proxyCredentials(proxy: URL): http.OutgoingHttpHeaders {
  const { authorization } = credentialsOf(proxy)
  return authorization === undefined ? {} : { 'proxy-authorization': authorization }
}

function credentialsOf({ username, password }: URL): { readonly authorization?: string } {
  if (username === '' && password === '') return {}
  return { authorization: basic(decodeURIComponent(username), decodeURIComponent(password)) }
}

/** The header of a user and a password. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}
