// Addresses of servers as settings give them: checked before anything is asked of them.
import { failure } from '../schemas/failures.ts'

const HOST_AND_PORT = /^(?:\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i
const MAX_PORT = 65_535

/** "host:port"; IPv6 in brackets. Throws CONFIG_INVALID. */
export function hostAndPort(name: string, text: string): string {
  const port = HOST_AND_PORT.exec(text)?.[1]
  if (port !== undefined && Number(port) >= 1 && Number(port) <= MAX_PORT) return text
  throw failure('CONFIG_INVALID', { name, expected: 'host:port', found: text })
}

/** Throws CONFIG_INVALID. */
export function httpUrl(name: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw failure('CONFIG_INVALID', { name, expected: 'an http or https URL', found: text })
}
