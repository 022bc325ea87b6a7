// One process at a time per state folder: a second `up` waits for the first, and a dead holder's lock does not count.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from '../../core/make-folder.ts'
import { identify, isSame, type ProcessIdentity } from '../../core/process-identity.ts'
import { failure } from '../../schemas/failures.ts'

export interface LockOptions {
  readonly stateDir: string
  readonly say: (line: string) => void
  /** default 30 minutes: a first start downloads and builds */
  readonly waitMs?: number
}

/** Runs `work` while no other process runs any under the same state folder. Throws when the wait is over. */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { stateDir, say, waitMs = 30 * 60_000 } = options
  await makeFolder(stateDir)
  const file = path.join(stateDir, 'lock')
  const deadlineMs = Date.now() + waitMs
  let told = false
  while (!take(file)) {
    const holder = holderOf(file)
    if (holder !== undefined && !isSame(holder)) removeStale(file, holder)
    else if (Date.now() > deadlineMs) {
      throw failure('STATE_LOCKED', { pid: holder?.pid ?? 'unknown', ms: waitMs, lock: file })
    } else {
      if (!told) say(`waiting for process ${holder?.pid ?? 'unknown'}, which is starting or stopping the servers`)
      told = true
      await delay(100)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

let attempts = 0

function take(file: string): boolean {
  // written whole under another name, then linked: link is atomic and refuses an existing name
  const mine = `${file}.${process.pid}.${attempts++}`
  writeFileSync(mine, JSON.stringify(identify(process.pid)))
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine, { force: true })
  }
}

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
  } catch (error) {
    // unreadable after a power cut: nobody's. Otherwise released meanwhile.
    return error instanceof SyntaxError ? { pid: 0, born: 'nobody' } : undefined
  }
}

function removeStale(file: string, stale: ProcessIdentity): void {
  const aside = `${file}.stale${process.pid}`
  try {
    renameSync(file, aside) // only one of several waiters gets it
  } catch {
    return
  }
  const found = holderOf(aside)
  // between the look and the rename another waiter may have replaced the stale lock by its own: give that back
  if (found !== undefined && (found.born !== stale.born || found.pid !== stale.pid)) {
    try {
      linkSync(aside, file)
    } catch {}
  }
  rmSync(aside, { force: true })
}
