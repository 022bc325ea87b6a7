// Python with pyarrow, Polars, DuckDB, confluent-kafka, boto3, fastavro: independent readers and peers for tests and benchmarks.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cachedFolder } from './cache.ts'
import { LOCKS_DIR, pipInstall } from './pip.ts'
import { findTool } from './tools.ts'

const LOCK = 'python-peers.txt'

export type PythonPeers =
  | {
      readonly ok: true
      /** program and first arguments of the interpreter */
      readonly command: string
      /** to be set as PYTHONPATH */
      readonly path: string
    }
  | { readonly ok: false; readonly why: string; readonly fix: string }

/** Fetches the packages once into the cache (about 150 MB). Never throws: tests that need them skip themselves with `why`. */
export async function ensurePythonPeers(options: {
  readonly cacheDir: string
  readonly say?: (line: string) => void
}): Promise<PythonPeers> {
  const { cacheDir, say = () => {} } = options
  const pip = await findTool('pip')
  const [command] = pip?.command ?? []
  if (command === undefined || !command.startsWith('python'))
    return { ok: false, why: 'no python3 with pip', fix: 'apt-get install python3 python3-pip' }
  const digest = createHash('sha256')
    .update(readFileSync(path.join(LOCKS_DIR, LOCK)))
    .digest('hex')
  try {
    const folder = await cachedFolder({
      cacheDir,
      name: `python-peers-${digest.slice(0, 12)}`,
      fill: (empty) => pipInstall({ lock: LOCK, folder: empty, what: 'Python peers (pyarrow, Polars, …)', say }),
    })
    return { ok: true, command, path: folder }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, why, fix: 'a Python from 3.11 to 3.14 has wheels of all of them' }
  }
}
