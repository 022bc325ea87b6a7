// Jars from a Maven repository, each checked against a committed list of sums. Maven is not needed.
import { mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from './cache.ts'
import { digestFile } from './digest-file.ts'
import { fetchFile } from './fetch-file.ts'
import { type LockedJar, parseLock, readLock } from './locks.ts'
import type { Patience } from './patience.ts'
import { withProgress } from './progress.ts'
import { mavenRepository } from './registries.ts'
import { sideBySide } from './side-by-side.ts'
import type { Fetching } from './toolchains.ts'

export interface Libraries extends Fetching, Patience {
  /** name of the folder in the cache and, with ".lock", of the list in infra/locks */
  readonly name: string
  /** for messages, e.g. "Kafka 4.4.0 (45 jars, 45 MB)" */
  readonly what: string
}

/** Returns the folder that holds `libs/*.jar`. Throws DOWNLOAD_FAILED, or DOWNLOAD_BROKEN for a jar that is not the locked one. */
export function ensureLibraries({ cacheDir, say, name, what, ...patience }: Libraries): Promise<string> {
  return cachedFolder({
    cacheDir,
    name,
    fill: async (folder) => {
      say(`fetching ${what}`)
      const jars = parseLock(readLock(`${name}.lock`))
      const libs = path.join(folder, 'libs')
      await mkdir(libs)
      const { url: repository, headers } = mavenRepository()
      const kind = name.replace(/-\d.*$/, '')
      const totalBytes = jars.reduce((sum, { bytes }) => sum + bytes, 0)
      await withProgress({ label: what, totalBytes, say }, (onBytes) =>
        sideBySide(jars, 8, (jar) => {
          const url = new URL(jar.path, repository).href
          const file = path.join(libs, jar.name)
          const { sha256 } = jar
          return fetchFile({ ...patience, url, headers, sha256, what: jar.name, kind, file, cacheDir, onBytes })
        }),
      )
      await checkJars(libs, jars)
    },
  })
}

/** Throws unless the folder holds exactly the locked jars. */
export async function checkJars(folder: string, jars: readonly LockedJar[]): Promise<void> {
  const found = new Set(await readdir(folder))
  for (const { name, sha256, bytes } of jars) {
    if (!found.delete(name)) throw brokenJar(name, 'present', 'absent')
    const size = (await stat(path.join(folder, name))).size
    if (size !== bytes) throw brokenJar(name, `${bytes} bytes`, `${size} bytes`)
    const digest = await digestFile(path.join(folder, name))
    if (digest !== sha256) throw brokenJar(name, `sha256 ${sha256}`, `sha256 ${digest}`)
  }
  for (const name of found) throw brokenJar(name, 'absent', 'present')
}

function brokenJar(name: string, expected: string, found: string): Error {
  return failure('DOWNLOAD_BROKEN', { name, expected, found })
}
