// Files and folders that a command line names: what the system says of them is a mistake of that line, not of sluice.
import { usageError } from './shell.ts'

/** What Node.js and the system say of a path that does not do; others, such as a full disk, are no mistake of the command line. */
const MISTAKES: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there',
  EISDIR: 'a folder',
  ENOTDIR: 'a file where a folder is needed',
  EEXIST: 'a file where a folder is needed',
  EACCES: 'no right to it',
  EPERM: 'no right to it',
  EROFS: 'a file system that is read only',
}

/** `expected`: e.g. "a file". Throws a usage error where the path is the cause, else what `work` throws. */
export async function atNamed<T>(
  { path, expected }: { readonly path: string; readonly expected: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const found = MISTAKES[(error as NodeJS.ErrnoException).code ?? '']
    throw found === undefined ? error : usageError(`expected ${expected} at ${path}, found ${found}`)
  }
}
