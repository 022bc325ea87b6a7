// Which proxy a request goes through, by the variables that curl, npm and pip read too.
import { failure } from '../../schemas/failures.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** undefined: straight to the server, as always for this machine itself. Throws CONFIG_INVALID for a proxy that is not http(s). */
export function proxyFor(target: URL, env: Environment = process.env): URL | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined
  if (isLoopback(target.hostname) || isExcepted(target, read('NO_PROXY') ?? '')) return undefined
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const text = read(name)
  if (text === undefined) return undefined
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (proxy !== null && ['http:', 'https:'].includes(proxy.protocol)) return proxy
  throw failure('CONFIG_INVALID', { name, expected: 'http://host:port of a proxy', found: withoutPassword(text) })
}

/** Names as in curl: a host means itself and all below it, with or without a dot or `*.` in front; `*` means every host. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80')
  return list.split(/[\s,]+/).some((entry) => {
    const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
    if (name === '' || (onlyPort !== undefined && onlyPort !== ownPort)) return false
    const domain = name.replace(/^\*?\./, '')
    return name === '*' || hostname === domain || hostname.endsWith(`.${domain}`)
  })
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}

/** An address as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}
