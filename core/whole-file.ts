// Files that another process may be reading: what was there before or what is new, never half of it.
import { rename, writeFile } from 'node:fs/promises'

/** Writes the file beside its place and renames it into it. */
export async function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
  await putWholeFile(file, (unfinished) => writeFile(unfinished, content))
}

/** The same for a file that `make` brings about under the name that it is given, in the same folder. What it throws is passed on. */
export async function putWholeFile(file: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = `${file}.tmp${process.pid}`
  await make(unfinished)
  await rename(unfinished, file)
}
