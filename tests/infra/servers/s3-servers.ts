// Which S3 servers can be tested here: s3proxy everywhere, versitygw where it was built, or Go is there.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { findTool } from '../../../infra/downloads/tools.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import type { S3ServerName } from '../../../schemas/endpoints.ts'

export async function canRun(name: S3ServerName, cacheDir: string): Promise<boolean> {
  if (name === 's3proxy') return true
  return existsSync(path.join(cacheDir, `versitygw-${VERSIONS.versitygw}`)) || (await findTool('go')) !== undefined
}
