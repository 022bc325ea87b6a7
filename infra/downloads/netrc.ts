// Users and passwords of registries that stand in ~/.netrc, where curl and pip look for them too.
import path from 'node:path'
import { basic } from './http.ts'
import { readText } from './pip-settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The header for a host; none where the address holds a user itself, or the file names no such host. */
export function netrcHeaders(url: string, env: Environment = process.env): Readonly<Record<string, string>> {
  const { hostname, username } = new URL(url)
  if (username !== '') return {}
  const text = readText(env.NETRC || path.join(env.HOME ?? '', '.netrc'))
  const user = text === undefined ? undefined : parseNetrc(text)[hostname]
  return user === undefined ? {} : { authorization: basic(user.login, user.password) }
}

/** By host; `default` is for no host in particular and not taken: a registry is never sent a password that was not meant for it. */
export function parseNetrc(text: string): Readonly<Record<string, { login: string; password: string }>> {
  const users: Record<string, { login: string; password: string }> = {}
  const words = text.replaceAll(/^\s*#.*$/gm, '').split(/\s+/)
  let user: { login: string; password: string } | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === 'machine') users[words[++at] ?? ''] = user = { login: '', password: '' }
    else if (word === 'default') user = undefined
    else if (word === 'login' && user) user.login = words[++at] ?? ''
    else if (word === 'password' && user) user.password = words[++at] ?? ''
  }
  return users
}
