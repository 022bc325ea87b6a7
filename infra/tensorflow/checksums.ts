// Sums of archives that nobody published: of the first download, kept beside the cache's folders, so that later ones must be the same.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeWholeFile } from '../../core/whole-file.ts'

/** In the cache; a person who trusts new bytes at an old address removes its entry. */
export const SUMS_FILE = 'libtensorflow-sums.json'

type Sums = Readonly<Record<string, string>>

/** undefined: nothing was downloaded from there yet. */
export async function readSum(cacheDir: string, url: string): Promise<string | undefined> {
  return (await readSums(cacheDir))[url]
}

/** Of two processes that record different addresses at once one may be lost, and is recorded the next time. */
export async function recordSum(cacheDir: string, url: string, sha256: string): Promise<void> {
  const file = path.join(cacheDir, SUMS_FILE)
  await writeWholeFile(file, `${JSON.stringify({ ...(await readSums(cacheDir)), [url]: sha256 }, null, 2)}\n`)
}

async function readSums(cacheDir: string): Promise<Sums> {
  const text = await readFile(path.join(cacheDir, SUMS_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return JSON.parse(text) as Sums
}
