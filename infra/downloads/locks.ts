// The committed lists of what is fetched, with its sums: jars by their paths in a Maven repository, wheels by name and version.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { WantedWheel } from './package-index.ts'

export const LOCKS_DIR = path.join(import.meta.dirname, '..', 'locks')

export interface LockedJar {
  readonly name: string
  /** in a Maven repository */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

/** A file of infra/locks. */
export function readLock(name: string): string {
  return readFileSync(path.join(LOCKS_DIR, name), 'utf8')
}

/** Reads lines of `sha256 bytes repository/path.jar`. */
export function parseLock(text: string): LockedJar[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [sha256 = '', bytes = '', file = ''] = line.split(' ')
      return { name: path.posix.basename(file), path: file, sha256, bytes: Number(bytes) }
    })
}

/**
 * Reads requirements as pip has them: `name==version --hash=sha256:…`, one sum for each platform. A comment
 * `# members of <sum>: <sum>` holds the sum of the members that are unpacked of a wheel.
 */
export function parseWheelLock(text: string): WantedWheel[] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n')
  const members = Object.fromEntries(
    [...text.matchAll(/^# members of ([0-9a-f]{64}): ([0-9a-f]{64})$/gm)].map(([, wheel = '', sum = '']) => [
      wheel,
      sum,
    ]),
  )
  return lines.flatMap((line) => {
    const [, project, version] = /^([\w.-]+)==([^\s;]+)/.exec(line) ?? []
    if (project === undefined || version === undefined) return []
    const sums = [...line.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, sum = '']) => sum)
    return [{ project, version, sums, members }]
  })
}
