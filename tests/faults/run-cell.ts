// One cell of the fault matrix: writers ingest a topic while one kind of request goes wrong in one way.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ground, growing, MAX_RANGE_ROWS, violations } from './ground.ts'
import { type Fault, type FaultProxy, isMultipart, type Operation, startFaultProxy } from './proxy.ts'
import { ingestToEnd } from './writer.ts'
import type { WriterProcess } from './writer-process.ts'

export interface Cell {
  readonly operation: Operation
  readonly fault: Fault
  readonly writers: number
}

export interface CellResult {
  /** where its lake lies in the bucket */
  readonly prefix: string
  readonly injected: number
  readonly violations: readonly string[]
}

/** The client tries three times by itself: the fourth fault in a row is for the second attempt of the activity. */
const TIMES = 4
/** In a cell; two writers share them. */
const KILLS = 2
/** A slow answer comes when the client has given up waiting for it: the server has acted, and nobody knows. */
const ANSWER_TIMEOUT_MS = 600
const SLOW_MS = 800

/** How a cell's writers open their lake: every object in parts, or none; impatient where answers are slow. */
function storeOptions({ operation, fault }: Pick<Cell, 'operation' | 'fault'>): WriterProcess['options'] {
  return {
    ...(isMultipart(operation) ? { multipartAboveBytes: 0 } : {}),
    ...(fault === 'slow' ? { answerTimeoutMs: ANSWER_TIMEOUT_MS } : {}),
  }
}

export async function runCell(ground: Ground, cell: Cell): Promise<CellResult> {
  const prefix = `faults/${randomUUID()}/`
  const injected = await (cell.fault === 'kill' ? killed : broken)(ground, { ...cell, prefix })
  return { prefix, injected, violations: await violations(ground.openLake(prefix), ground) }
}

async function broken(
  ground: Ground,
  { operation, fault, writers, prefix }: Cell & { prefix: string },
): Promise<number> {
  let left = TIMES
  const choose = (found: Operation): Fault | null => (found === operation && left-- > 0 ? fault : null)
  const proxy = await startFaultProxy({ target: ground.endpoints.s3.endpoint!, choose, slowMs: SLOW_MS })
  const broker = growing(ground.broker, 4)
  const { plan } = ground
  const write = (_: unknown, i: number) => {
    const store = ground.openLake(prefix, proxy.endpoint, storeOptions({ operation, fault }))
    const journal = { round: 1 }
    return ingestToEnd({ store, broker, plan, journal, name: `writer-${i}`, maxRangeRows: MAX_RANGE_ROWS })
  }
  try {
    await Promise.all(Array.from({ length: writers }, write))
    return proxy.injected()
  } finally {
    await proxy.close()
  }
}

/** Each writer is a process behind a proxy of its own, killed at its first matching requests and started again. */
async function killed(ground: Ground, { operation, writers, prefix }: Cell & { prefix: string }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
  try {
    const counts = await Promise.all(
      Array.from({ length: writers }, (_, i) =>
        killedWriter(ground, {
          operation,
          prefix,
          kills: KILLS / writers,
          name: `writer-${i}`,
          journalFile: join(folder, `${i}.json`),
        }),
      ),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface KilledWriter {
  readonly operation: Operation
  readonly kills: number
  readonly prefix: string
  readonly name: string
  readonly journalFile: string
}

const compileCache = join(tmpdir(), `sluice-faults-code-${process.getuid?.() ?? 0}`)

async function killedWriter(ground: Ground, { operation, kills, ...rest }: KilledWriter): Promise<number> {
  let child: ChildProcess | undefined
  let left = kills
  const proxy: FaultProxy = await startFaultProxy({
    target: ground.endpoints.s3.endpoint!,
    choose: (found) => (found === operation && left-- > 0 ? 'kill' : null),
    onKill: () => void child?.kill('SIGKILL'),
  })
  const { kafka, s3 } = ground.endpoints
  const settings: WriterProcess = {
    kafka,
    s3: { ...s3, endpoint: proxy.endpoint },
    options: storeOptions({ operation, fault: 'kill' }),
    plan: ground.plan,
    maxRangeRows: MAX_RANGE_ROWS,
    ...rest,
  }
  try {
    for (let starts = 0; starts <= kills; starts++) {
      child = spawn(process.execPath, ['tests/faults/writer-process.ts', JSON.stringify(settings)], {
        stdio: 'inherit',
        // many short lives: each would compile the same modules
        env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      })
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
      if (code === 0) return proxy.injected()
      if (signal !== 'SIGKILL') throw new Error(`the writer ended with ${code ?? signal}`)
    }
    throw new Error('the writer was killed too often')
  } finally {
    child?.kill('SIGKILL')
    await proxy.close()
  }
}
