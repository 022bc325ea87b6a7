// Python packages in folders of the cache: independent readers, writers and peers for tests and benchmarks.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cachedFolder } from '../downloads/cache.ts'
import { LOCKS_DIR } from '../downloads/locks.ts'
import { pipInstall } from '../downloads/pip.ts'
import { findTool } from '../downloads/tools.ts'

/** group → its lock file, what it holds in words, and which interpreters have wheels of all of it */
const GROUPS = {
  /** pyarrow, Polars, DuckDB, confluent-kafka, boto3, fastavro; about 150 MB */
  data: { lock: 'python-peers.txt', what: 'Python peers (pyarrow, Polars, …)', python: '3.11 to 3.14' },
  /** with NumPy and SciPy; about 60 MB */
  scikitLearn: { lock: 'python-scikit-learn.txt', what: 'scikit-learn', python: '3.11 to 3.14' },
  /** about 45 MB */
  tensorboard: { lock: 'python-tensorboard.txt', what: 'TensorBoard', python: '3.11 to 3.14' },
  /** about 290 MB, 1.3 GB unpacked */
  tensorflow: {
    lock: 'python-tensorflow.txt',
    what: 'TensorFlow in Python (290 MB)',
    python: '3.11 to 3.13 on Linux x64',
  },
} as const

export type PeerGroup = keyof typeof GROUPS

export type PythonPeers =
  | {
      readonly ok: true
      /** program and first arguments of the interpreter */
      readonly command: string
      /** to be set as PYTHONPATH */
      readonly path: string
    }
  | { readonly ok: false; readonly why: string; readonly fix: string }

/** Fetches the packages of a group (default: data) once into the cache. Never throws: tests that need them skip themselves with `why`. */
export async function ensurePythonPeers(options: {
  readonly cacheDir: string
  readonly group?: PeerGroup
  readonly say?: (line: string) => void
}): Promise<PythonPeers> {
  const { cacheDir, group = 'data', say = () => {} } = options
  const { lock, what, python } = GROUPS[group]
  const pip = await findTool('pip')
  const [command] = pip?.command ?? []
  if (command === undefined || !command.startsWith('python'))
    return { ok: false, why: 'no python3 with pip', fix: 'apt-get install python3 python3-pip' }
  const digest = createHash('sha256')
    .update(readFileSync(path.join(LOCKS_DIR, lock)))
    .digest('hex')
  try {
    const folder = await cachedFolder({
      cacheDir,
      name: `${path.basename(lock, '.txt')}-${digest.slice(0, 12)}`,
      fill: (empty) => pipInstall({ lock, folder: empty, what, say }),
    })
    return { ok: true, command, path: folder }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, why, fix: `a Python from ${python} has wheels of all of them` }
  }
}
