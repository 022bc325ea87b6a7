// What the ingest benchmarks stand on: a broker and a store of their own, filled topics, measured child processes.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { endpointVariables, loadConfig } from '../../core/config.ts'
import { startServers, stopServers } from '../../infra/servers/servers.ts'
import { ensurePythonPeers } from '../../infra/testing/python-peers.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Endpoints, ServerName } from '../../schemas/endpoints.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { benchEvents } from './events.ts'

/** What every measured program prints. Seconds begin after its start-up; compiling itself while it runs counts. */
export interface Measured {
  readonly rows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly maxRssBytes?: number
}

export interface Stand {
  readonly folder: string
  readonly endpoints: Endpoints
  /** for child processes: this process's environment and where the servers are */
  readonly env: NodeJS.ProcessEnv
  /** a file of one event per line */
  writeEvents(count: number): string
  /** a new topic of one partition with the file's lines, `times` over, sent by librdkafka */
  fill(options: { topic: string; codec: 'none' | 'lz4'; file: string; times?: number }): Promise<void>
  node(file: string, args: readonly (string | number)[]): Promise<Measured>
  python(file: string, args: readonly (string | number)[]): Promise<Measured>
  close(): Promise<void>
}

const HERE = import.meta.dirname

/** Throws when the servers or the Python packages cannot be had. */
export async function openStand(only: readonly ServerName[] = ['kafka', 's3']): Promise<Stand> {
  const { cacheDir, s3Server } = loadConfig()
  const peers = await ensurePythonPeers({ cacheDir, say: console.error })
  if (!peers.ok) throw new Error(`the peers need ${peers.fix}: ${peers.why}`)
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'))
  const servers = { stateDir: path.join(folder, 'servers'), only }
  const endpoints = await startServers({ ...servers, cacheDir, s3Server, say: console.error })
  const store = openS3Store(endpoints.s3)
  await store.ensureBucket()
  store.close()
  const env = { ...process.env, ...endpointVariables(endpoints) }
  const python = (file: string, args: readonly (string | number)[]): Promise<string> =>
    output(peers.command, [path.join(HERE, 'peers', file), ...args.map(String)], { ...env, PYTHONPATH: peers.path })
  return {
    folder,
    endpoints,
    env,
    writeEvents(count) {
      const file = path.join(folder, `events-${count}.ndjson`)
      writeFileSync(file, `${[...benchEvents(count)].join('\n')}\n`)
      return file
    },
    async fill({ topic, codec, file, times = 1 }) {
      const broker = await connectBroker({ brokers: endpoints.kafka.brokers })
      await broker.createTopic({ topic, partitions: 1 })
      await broker.close()
      await python('fill.py', [endpoints.kafka.brokers.join(','), topic, codec, file, times])
    },
    node: async (file, args) =>
      lastLine(await output(process.execPath, [path.join(HERE, file), ...args.map(String)], env)),
    python: async (file, args) => lastLine(await python(file, args)),
    async close() {
      await stopServers(servers)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function lastLine(text: string): Measured {
  return JSON.parse(text.trim().split('\n').at(-1)!) as Measured
}

function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(text)
      else reject(new Error(`${command} ${args[0]} ended with ${code}`))
    })
  })
}

/** The middle one by seconds. */
export function medianRun(runs: readonly Measured[]): Measured {
  return runs.toSorted((a, b) => a.seconds - b.seconds)[runs.length >> 1]!
}
