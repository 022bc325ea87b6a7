// The reader that shares no code with sluice: a Python script compares lakes with their topic, record by record.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadConfig } from '../../core/config.ts'
import { ensurePythonPeers } from '../../infra/testing/python-peers.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'

export interface Lakes {
  readonly topic: string
  readonly source: string
  /** default: that of the endpoints */
  readonly bucket?: string
  /** name → key prefix */
  readonly lakes: Readonly<Record<string, string>>
}

export type ReadBack =
  /** name → "every offset once", or what is wrong; throws what the script says when it fails */
  | { readonly ok: true; readonly compare: (lakes: Lakes) => Promise<Record<string, string>> }
  | { readonly ok: false; readonly why: string }

/** Fetches what the script imports, where it is missing. */
export async function openReadBack({ kafka, s3 }: Endpoints): Promise<ReadBack> {
  const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir })
  if (!peers.ok) return { ok: false, why: `${peers.why}: ${peers.fix}` }
  return {
    ok: true,
    async compare({ bucket = s3.bucket, ...lakes }) {
      const job = { brokers: kafka.brokers.join(','), s3: { ...s3, bucket }, ...lakes }
      const child = spawn(peers.command, ['tests/fixtures/faults/read_back.py', JSON.stringify(job)], {
        env: { ...process.env, PYTHONPATH: peers.path },
      })
      const text: string[] = []
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => text.push(String(chunk)))
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(text.join(''))
      return JSON.parse(text.join('')) as Record<string, string>
    },
  }
}
