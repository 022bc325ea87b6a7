// TLS from variables: paths of PEM files, checked before anything connects.
import { readFileSync } from 'node:fs'
import type { TlsFiles } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'

type Environment = Readonly<Record<string, string | undefined>>

const FILES = ['ca', 'cert', 'key'] as const

/** <prefix>_TLS, _CA, _CERT, _KEY; undefined: plain text. Throws CONFIG_INVALID. */
export function tlsFrom(env: Environment, prefix: string): TlsFiles | undefined {
  const name = (setting: string): string => `${prefix}_${setting.toUpperCase()}`
  const wanted = env[name('tls')] || undefined
  if (wanted !== undefined && wanted !== '0' && wanted !== '1') throw invalid(name('tls'), '0 | 1', wanted)
  const tls: { -readonly [File in keyof TlsFiles]: string } = {}
  for (const file of FILES) {
    const path = env[name(file)]
    if (path) tls[file] = pemFile(name(file), path)
  }
  const given = FILES.some((file) => tls[file] !== undefined)
  if (given && wanted === '0') throw invalid(name('tls'), '1, as certificates are given', '0')
  if (tls.cert !== undefined && tls.key === undefined)
    throw invalid(name('key'), `the key of ${name('cert')}`, 'nothing')
  if (tls.key !== undefined && tls.cert === undefined)
    throw invalid(name('cert'), `the certificate of ${name('key')}`, 'nothing')
  return given || wanted === '1' ? tls : undefined
}

/** The same as variables, for a child process. */
export function tlsVariables(tls: TlsFiles, prefix: string): Record<string, string> {
  const files = FILES.flatMap((file) =>
    tls[file] === undefined ? [] : [[`${prefix}_${file.toUpperCase()}`, tls[file]]],
  )
  return { [`${prefix}_TLS`]: '1', ...Object.fromEntries(files) }
}

/** Throws CONFIG_INVALID when it cannot be read. */
export function textOf(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw failure('CONFIG_INVALID', { name: variable, expected: 'a file that can be read', found: file }, error)
  }
}

export function invalid(name: string, expected: string, found: string): Error {
  return failure('CONFIG_INVALID', { name, expected, found })
}

function pemFile(variable: string, file: string): string {
  if (!textOf(variable, file).includes('-----BEGIN ')) throw invalid(variable, 'a file in PEM format', file)
  return file
}
