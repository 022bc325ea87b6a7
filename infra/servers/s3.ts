// The local S3 server (versitygw over a folder) as a child process.
import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import { LOCKS_DIR } from '../downloads/pip.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { ensureGo, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import type { ServerStart } from './kafka.ts'
import { launch } from './process.ts'

/** Known to everybody: the server listens on the loopback address only and holds nothing but local trials. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'sluice-local', secretAccessKey: 'sluice-local-secret' } as const

/** Builds the server where it is missing, and starts it. */
export async function startS3({ cacheDir, folder, ports, say }: ServerStart): Promise<void> {
  const home = await ensureVersitygw({ cacheDir, say })
  const dataDir = path.join(folder, 'data')
  const versionsDir = path.join(folder, 'versions')
  await mkdir(dataDir, { recursive: true })
  await mkdir(versionsDir, { recursive: true })
  const listen = ['--port', `127.0.0.1:${ports.s3}`, '--keep-alive', '--quiet', '--health', '/healthz']
  await launch({
    name: 's3',
    folder,
    command: path.join(home, 'versitygw'),
    args: [...listen, 'posix', '--versioning-dir', versionsDir, dataDir],
    env: { ROOT_ACCESS_KEY: LOCAL_CREDENTIALS.accessKeyId, ROOT_SECRET_KEY: LOCAL_CREDENTIALS.secretAccessKey },
    ports: [ports.s3],
    isReady: async () => {
      const answer = await fetch(`http://127.0.0.1:${ports.s3}/healthz`, { signal: AbortSignal.timeout(2000) })
      return answer.ok
    },
    readyWithinMs: 60_000,
  })
}

/** Compiles the server from the committed go.mod and go.sum, which hold the sha256 of every module. */
function ensureVersitygw({ cacheDir, say }: Fetching): Promise<string> {
  return cachedFolder({
    cacheDir,
    name: `versitygw-${VERSIONS.versitygw}`,
    fill: async (folder) => {
      const go = await ensureGo({ cacheDir, say })
      say(`building the S3 server versitygw ${VERSIONS.versitygw} (about 2 minutes the first time)`)
      const module = path.join(folder, 'module')
      await cp(path.join(LOCKS_DIR, 'versitygw'), module, { recursive: true })
      const build = ['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', path.join(folder, 'versitygw')]
      const result = await runCommand(go, [...build, 'github.com/versity/versitygw/cmd/versitygw'], {
        cwd: module,
        env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
        progress: { label: 'building the S3 server', say },
      })
      if (result.code !== 0) {
        throw failure('DOWNLOAD_FAILED', { program: 'go', name: 'the S3 server', detail: lastLines(result) })
      }
      await rm(module, { recursive: true })
    },
  })
}
