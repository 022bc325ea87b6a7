// A Java server's classes in one file of the cache (AppCDS), which halves the time of later starts: the first server writes it while it stops.
import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { putWholeFile } from '../../core/whole-file.ts'
import { runningIn } from './process.ts'

export interface ClassArchive {
  readonly cacheDir: string
  /** with the version, e.g. "kafka-4.4.0" */
  readonly name: string
  /** the server's own folder, where it leaves what it wrote */
  readonly folder: string
}

/**
 * Moves the archive that the last server wrote while it stopped into the cache.
 * A pid file that is still there tells of a server that was killed, which may have left half an archive.
 */
export async function adoptClassArchive(archive: ClassArchive): Promise<void> {
  const { folder } = archive
  const written = newArchive(folder)
  if (!existsSync(written) || runningIn(folder) !== undefined) return
  if (!existsSync(path.join(folder, 'pid'))) {
    await putWholeFile(inCache(archive), (unfinished) => copyFile(written, unfinished)) // the cache may be on another file system
  }
  await rm(written, { force: true })
}

/** JVM flags: loads the classes from the archive where it exists; else has the server write one when it stops. */
export function classArchiveFlags(archive: ClassArchive): string[] {
  const file = inCache(archive)
  if (existsSync(file)) return [`-XX:SharedArchiveFile=${file}`, '-Xshare:auto']
  // it warns of each class that it leaves out
  return [`-XX:ArchiveClassesAtExit=${newArchive(archive.folder)}`, '-Xlog:cds=error', '-Xlog:cds+dynamic=error']
}

function inCache({ cacheDir, name }: ClassArchive): string {
  return path.join(cacheDir, `${name}.jsa`)
}

function newArchive(folder: string): string {
  return path.join(folder, 'classes.jsa')
}
