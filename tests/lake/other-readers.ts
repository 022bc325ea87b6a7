// Files as pyarrow, Polars and DuckDB see them.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadConfig } from '../../core/config.ts'
import { ensurePythonPeers } from '../../infra/testing/python-peers.ts'

const SCRIPT = join(import.meta.dirname, '../fixtures/lake/read_columns.py')

export interface ReadByOthers {
  /** column → type, as pyarrow names it */
  readonly types: Readonly<Record<string, string>>
  /** rows; bytes as "0x…", times as milliseconds, integers beyond 2^53 as text */
  readonly pyarrow: readonly unknown[][]
  readonly polars: readonly unknown[][]
  readonly duckdb: readonly unknown[][]
}

/** null, with a line that says why, where Python or its packages cannot be had. */
export async function openOtherReaders(): Promise<
  ((bytes: Uint8Array, kind: 'arrow' | 'parquet') => Promise<ReadByOthers>) | null
> {
  const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir })
  if (!peers.ok) {
    process.stderr.write(`skipped: ${peers.why}; ${peers.fix}\n`)
    return null
  }
  return async (bytes, kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-readers-'))
    try {
      const file = join(folder, `file.${kind}`)
      await writeFile(file, bytes)
      const env = { ...process.env, PYTHONPATH: peers.path, TZ: 'UTC' }
      const { stdout } = await promisify(execFile)(peers.command, [SCRIPT, file], { env })
      return JSON.parse(stdout) as ReadByOthers
    } finally {
      await rm(folder, { recursive: true })
    }
  }
}
