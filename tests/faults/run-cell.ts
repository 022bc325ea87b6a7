// One cell of the fault matrix: writers ingest a topic while one kind of request goes wrong in one way.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ground, growing, MAX_RANGE_ROWS, violations } from './ground.ts'
import { type Fault, type FaultProxy, type Operation, startFaultProxy } from './proxy.ts'
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
const KILLS = 2

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
  const proxy = await startFaultProxy({ target: ground.endpoints.s3.endpoint!, choose })
  const broker = growing(ground.broker, 4)
  const { plan } = ground
  const write = (_: unknown, i: number) => {
    const store = ground.openLake(prefix, proxy.endpoint)
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
        killedWriter(ground, { operation, prefix, name: `writer-${i}`, journalFile: join(folder, `${i}.json`) }),
      ),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface KilledWriter {
  readonly operation: Operation
  readonly prefix: string
  readonly name: string
  readonly journalFile: string
}

async function killedWriter(ground: Ground, { operation, ...rest }: KilledWriter): Promise<number> {
  let child: ChildProcess | undefined
  let left = KILLS
  const proxy: FaultProxy = await startFaultProxy({
    target: ground.endpoints.s3.endpoint!,
    choose: (found) => (found === operation && left-- > 0 ? 'kill' : null),
    onKill: () => void child?.kill('SIGKILL'),
  })
  const { kafka, s3 } = ground.endpoints
  const settings: WriterProcess = {
    ...{ kafka, s3: { ...s3, endpoint: proxy.endpoint }, plan: ground.plan, maxRangeRows: MAX_RANGE_ROWS },
    ...rest,
  }
  try {
    for (let starts = 0; starts <= KILLS; starts++) {
      child = spawn(process.execPath, ['tests/faults/writer-process.ts', JSON.stringify(settings)], {
        stdio: 'inherit',
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
