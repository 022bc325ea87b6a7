// Folders of downloads and builds: filled beside their place and renamed into it, so that half of one never counts.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { isAlive } from '../../core/process-identity.ts'

export interface CachedFolder {
  readonly cacheDir: string
  /** folder name, holding the version: another version is another folder */
  readonly name: string
  /** fills the empty folder it is given, and throws unless everything in it is complete and checked */
  readonly fill: (folder: string) => Promise<void>
}

// folders this process is filling now: Java, for example, is wanted twice at once
const filling = new Map<string, Promise<string>>()

/**
 * Returns the path of a complete folder, filling it first where it is absent.
 * Two processes may fill at once: the first rename wins and both return the same path.
 * Whatever `fill` throws is passed on, and nothing stays behind.
 */
export async function cachedFolder(wanted: CachedFolder): Promise<string> {
  const folder = path.join(wanted.cacheDir, wanted.name)
  if (existsSync(folder)) return folder
  const ongoing = filling.get(folder)
  if (ongoing !== undefined) return ongoing
  const filled = fillFolder(folder, wanted).finally(() => filling.delete(folder))
  filling.set(folder, filled)
  return filled
}

async function fillFolder(folder: string, { cacheDir, name, fill }: CachedFolder): Promise<string> {
  await makeFolder(cacheDir)
  await removeAbandoned(cacheDir, name)
  const unfinished = `${folder}.tmp${process.pid}`
  await mkdir(unfinished)
  try {
    await fill(unfinished)
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return folder
}

/** Removes what earlier, killed processes left unfinished; another process's work in progress stays. */
async function removeAbandoned(cacheDir: string, name: string): Promise<void> {
  for (const entry of await readdir(cacheDir)) {
    if (!entry.startsWith(`${name}.tmp`)) continue
    const pid = Number(entry.slice(`${name}.tmp`.length))
    if (pid === process.pid || !isAlive(pid)) await rm(path.join(cacheDir, entry), { recursive: true, force: true })
  }
}
