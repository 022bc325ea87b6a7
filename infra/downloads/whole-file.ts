// Small files that another process may be reading: the old text or the new one, never half of it.
import { rename, writeFile } from 'node:fs/promises'

/** Writes the file beside its place and renames it into it. */
export async function writeWholeFile(file: string, text: string): Promise<void> {
  const unfinished = `${file}.tmp${process.pid}`
  await writeFile(unfinished, text)
  await rename(unfinished, file)
}
