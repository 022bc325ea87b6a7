// What a disk of this machine refused: no error of sluice, and for a person to mend.
import { failure } from '../schemas/failures.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read only',
  EACCES: 'no right to it',
  EPERM: 'no right to it',
  EEXIST: 'a file where a folder is needed',
  ENOTDIR: 'a file where a folder is needed',
}
/** Those that mean a disk even where the system names no path: a write into an open file. */
const DISKS_ONLY = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

/** The error as it was, where it is none of a disk: a port can be refused with EACCES as well. */
export function asDiskFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code = '', path, syscall } = error as NodeJS.ErrnoException
  const found = WORDS[code]
  if (syscall === undefined || found === undefined || (path === undefined && !DISKS_ONLY.has(code))) return error
  return failure('DISK_REFUSED', { place: path ?? 'a file', found }, error)
}
