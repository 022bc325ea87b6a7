// The store on versitygw passes the suite too, where versitygw was built or Go can build it.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { startServers, stopServers } from '../../infra/servers/servers.ts'
import { canRun } from '../infra/servers/s3-servers.ts'
import { describeS3Store } from './store.s3.suite.ts'

const { cacheDir } = loadConfig()
const stateDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-versitygw-'))

afterAll(async () => {
  await stopServers({ stateDir })
  rmSync(stateDir, { recursive: true })
})

describe.skipIf(!(await canRun('versitygw', cacheDir)))('with Go', () => {
  describeS3Store(
    'versitygw',
    async () => (await startServers({ stateDir, cacheDir, only: ['s3'], s3Server: 'versitygw' })).s3,
  )
})
