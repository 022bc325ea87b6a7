// The package indexes that pip on this machine would ask: by its variables and configuration files, in its order; pip itself is not needed.
import { readFileSync } from 'node:fs'
import path from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

export interface PipSettings {
  /** undefined: the public one */
  readonly index: string | undefined
  /** asked where the first does not have it */
  readonly extra: readonly string[]
}

/** Of settings that name one thing twice the nearest to the user holds. */
export function pipSettings(env: Environment = process.env): PipSettings {
  const files = configFiles(env).map((file) => parsePipConfig(readText(file) ?? ''))
  const setting = (name: string) =>
    env[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] || files.map((file) => file[name]).find(Boolean)
  const extra = setting('extra-index-url')?.split(/\s+/).filter(Boolean) ?? []
  return { index: setting('index-url'), extra }
}

/** Nearest first. */
function configFiles({ PIP_CONFIG_FILE, HOME = '', XDG_CONFIG_HOME, VIRTUAL_ENV }: Environment): string[] {
  if (PIP_CONFIG_FILE === '/dev/null') return []
  const config = XDG_CONFIG_HOME || path.join(HOME, '.config')
  return [
    ...(PIP_CONFIG_FILE ? [PIP_CONFIG_FILE] : []),
    ...(VIRTUAL_ENV ? [path.join(VIRTUAL_ENV, 'pip.conf')] : []),
    path.join(config, 'pip', 'pip.conf'),
    path.join(HOME, '.pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ]
}

/** Settings of downloads: `[download]` and `[install]` come before `[global]`. */
export function parsePipConfig(text: string): Readonly<Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {}
  let section = ''
  let name = ''
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const values = sections[section] ?? {}
    sections[section] = values
    const header = /^\[(.+)\]\s*$/.exec(line)?.[1]
    const entry = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line)
    if (header !== undefined) {
      section = header.trim()
      name = ''
    } else if (/^\s/.test(line) && name !== '')
      values[name] = `${values[name]}\n${line.trim()}`.trim() // goes on
    else if (entry !== null) {
      name = (entry[1] ?? '').toLowerCase().replaceAll('_', '-')
      values[name] = (entry[2] ?? '').trim()
    }
  }
  return { ...sections.global, ...sections.install, ...sections.download }
}

/** undefined: the file is not there, or not for this user. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
