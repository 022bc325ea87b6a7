// The repository that Maven on this machine would ask in the place of the central one, by its settings.xml; Maven itself is not needed.
import path from 'node:path'
import { readText } from './pip-settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface MavenMirror {
  readonly url: string
  readonly user?: { readonly name: string; readonly password: string }
}

/** The user's settings come before the machine's. undefined: the public repository. */
export function mavenMirror(env: Environment = process.env): MavenMirror | undefined {
  for (const file of settingsFiles(env)) {
    const text = readText(file)
    const found = text === undefined ? undefined : parseMavenSettings(text, env)
    if (found !== undefined) return found
  }
  return undefined
}

function settingsFiles({ HOME = '', MAVEN_HOME, M2_HOME, MAVEN_ARGS = '' }: Environment): string[] {
  const named = /(?:^|\s)(?:-s|--settings)[ =](\S+)/.exec(MAVEN_ARGS)?.[1]
  const homes = [MAVEN_HOME, M2_HOME, '/usr/share/maven', '/opt/maven'].filter((home) => home !== undefined)
  return [
    named ?? path.join(HOME, '.m2', 'settings.xml'),
    ...homes.map((home) => path.join(home, 'conf', 'settings.xml')),
  ]
}

/** The mirror of "central", else a repository of a profile that takes its name. Encrypted passwords are Maven's secret. */
export function parseMavenSettings(xml: string, env: Environment = {}): MavenMirror | undefined {
  const text = xml.replaceAll(/<!--.*?-->/gs, '')
  const mirror = elements(text, 'mirror').find((entry) => mirrorsCentral(value(entry, 'mirrorOf', env) ?? ''))
  const repository = elements(text, 'repository').find((entry) => value(entry, 'id', env) === 'central')
  const chosen = mirror ?? repository
  const url = chosen && value(chosen, 'url', env)
  if (chosen === undefined || !url) return undefined
  const id = value(chosen, 'id', env)
  const server = elements(text, 'server').find((entry) => value(entry, 'id', env) === id)
  const name = server && value(server, 'username', env)
  const password = server && value(server, 'password', env)
  const known = name !== undefined && password !== undefined && !/^\{.*\}$/.test(password)
  return { url, ...(known && { user: { name, password } }) }
}

/** As Maven reads it: `*`, `external:*`, names, and exceptions with `!`. */
function mirrorsCentral(mirrorOf: string): boolean {
  const entries = mirrorOf.split(',').map((entry) => entry.trim())
  if (entries.includes('!central')) return false
  return entries.some((entry) => ['*', 'external:*', 'central'].includes(entry))
}

function elements(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner)
}

function value(text: string, name: string, env: Environment): string | undefined {
  const raw = elements(text, name)[0]?.trim()
  return raw
    ?.replaceAll(/\$\{env\.([^}]+)\}/g, (_, variable: string) => env[variable] ?? '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}
