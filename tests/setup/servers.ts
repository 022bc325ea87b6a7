// Starts Kafka, S3 and Temporal once for a run of live or end-to-end tests and stops them at its end.
// SLUICE_KEEP_SERVERS=1 leaves them running, for quick repeats.
import type { TestProject } from 'vitest/node'
import { loadConfig } from '../../core/config.ts'
import { TEST_STATE_DIR } from '../../infra/places.ts'
import { joinServers } from '../../infra/servers/users.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    endpoints: Endpoints
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cacheDir, s3Server } = loadConfig()
  const { endpoints, leave } = await joinServers({
    stateDir: TEST_STATE_DIR,
    cacheDir,
    s3Server,
    say: (line) => console.error(`servers: ${line}`),
  })
  project.provide('endpoints', endpoints)
  return async () => {
    if (process.env.SLUICE_KEEP_SERVERS !== '1') await leave()
  }
}
