// A folder with all those above it that are missing.
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Throws what the system says of the one that cannot be made. `mkdir` of Node.js with `recursive` says ENOENT where the system
 * is read only or grants no right, and never ends below a folder that takes none, such as /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  const above = path.dirname(folder)
  if (above !== folder) await makeFolder(above)
  try {
    await mkdir(folder)
  } catch (error) {
    if (!(await isFolder(folder))) throw error // else another process was faster
  }
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory()
  } catch {
    return false
  }
}
