// One sum for many unpacked files: of their names and sums, in the order of the names.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { digestFile } from './digest-file.ts'
import { sideBySide } from './side-by-side.ts'

/** Lower-case hex; of all files below the folder. */
export async function digestMembers(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const names = files.map((entry) =>
    path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
  )
  const sorted = names.toSorted((a, b) => (a < b ? -1 : 1))
  const sums = await sideBySide(sorted, 8, (name) => digestFile(path.join(folder, name)))
  const hash = createHash('sha256')
  for (const [index, name] of sorted.entries()) hash.update(`${name} ${sums[index]}\n`)
  return hash.digest('hex')
}
