// Free ports on the loopback address, chosen once per state folder and remembered in it.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from '../../core/make-folder.ts'

export interface ServerPorts {
  readonly kafka: number
  readonly kafkaController: number
  readonly s3: number
  readonly temporal: number
  readonly temporalUi: number
}

const NAMES = ['kafka', 'kafkaController', 's3', 'temporal', 'temporalUi'] as const

// below the ranges from which Linux (32768) and macOS (49152) take ports for outgoing connections:
// while a server is down, none of its clients' connections can be given its port
const FIRST_PORT = 20_000
const END_PORT = 30_000

/** True when this process could listen on the port now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Waits for a port that a dying process still holds; false when it stays taken. */
export async function waitUntilFree(port: number, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs
  while (!(await isFree(port))) {
    if (Date.now() > deadlineMs) return false
    await delay(50)
  }
  return true
}

/** The ports a state folder remembers; undefined before its first start. */
export function rememberedPorts(stateDir: string): ServerPorts | undefined {
  try {
    return JSON.parse(readFileSync(path.join(stateDir, 'ports.json'), 'utf8')) as ServerPorts
  } catch {
    return undefined
  }
}

/** Wanted ports first, then remembered ones, then free ones; remembers the result. */
export async function choosePorts(stateDir: string, wanted: Partial<ServerPorts>): Promise<ServerPorts> {
  const remembered = rememberedPorts(stateDir)
  const chosen = new Set<number>()
  const ports: Partial<Record<keyof ServerPorts, number>> = {}
  for (const name of NAMES) {
    const port = wanted[name] ?? remembered?.[name]
    if (port === undefined) continue
    ports[name] = port
    chosen.add(port)
  }
  for (const name of NAMES) {
    ports[name] ??= await freePort(chosen)
    chosen.add(ports[name])
  }
  await makeFolder(stateDir)
  writeFileSync(path.join(stateDir, 'ports.json'), JSON.stringify(ports))
  return ports as ServerPorts
}

async function freePort(except: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (END_PORT - FIRST_PORT))
    if (!except.has(port) && (await isFree(port))) return port
  }
}
