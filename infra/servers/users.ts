// Several processes share one state folder's servers: the last one to leave stops them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { identify, isSame, type ProcessIdentity } from '../../core/process-identity.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { withLock } from './lock.ts'
import { type StartServers, startServers, stopServers } from './servers.ts'

export interface SharedServers {
  readonly endpoints: Endpoints
  /** stops the servers unless another live process uses them too; true when it stopped them */
  readonly leave: () => Promise<boolean>
}

/** As `startServers`, for a process that wants the servers until it leaves or dies. */
export async function joinServers(options: StartServers): Promise<SharedServers> {
  const { say = () => {} } = options
  const stateDir = path.resolve(options.stateDir)
  const usersDir = path.join(stateDir, 'users')
  const mine = path.join(usersDir, String(process.pid))
  const endpoints = await withLock({ stateDir: usersDir, say }, async () => {
    await makeFolder(usersDir)
    writeFileSync(mine, JSON.stringify(identify(process.pid)))
    return startServers(options).catch((error: unknown) => {
      rmSync(mine, { force: true })
      throw error
    })
  })
  const leave = () =>
    withLock({ stateDir: usersDir, say }, async () => {
      rmSync(mine, { force: true })
      if (liveUsers(usersDir).length > 0) return false
      await stopServers({ stateDir, say })
      return true
    })
  return { endpoints, leave }
}

function liveUsers(usersDir: string): ProcessIdentity[] {
  return readdirSync(usersDir)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => JSON.parse(readFileSync(path.join(usersDir, name), 'utf8')) as ProcessIdentity)
    .filter(isSame)
}
