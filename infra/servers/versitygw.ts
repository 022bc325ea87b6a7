// versitygw over a folder, compiled with Go: the local S3 server for who wants fast listings of many objects.
import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import { LOCKS_DIR } from '../downloads/locks.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { ensureGo, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { launch } from './process.ts'
import { isHealthy, type S3Start } from './server-start.ts'

/** Of the objects, below the server's folder. */
export const VERSITYGW_DATA = 'data'

/** Builds the server where it is missing, and starts it. */
export async function startVersitygw({ cacheDir, folder, ports, say, signal, credentials }: S3Start): Promise<void> {
  const home = await ensureVersitygw({ cacheDir, say })
  const dataDir = path.join(folder, VERSITYGW_DATA)
  const versionsDir = path.join(folder, 'versions')
  await makeFolder(dataDir)
  await makeFolder(versionsDir)
  const listen = ['--port', `127.0.0.1:${ports.s3}`, '--keep-alive', '--quiet', '--health', '/healthz']
  await launch({
    signal,
    name: 's3',
    folder,
    command: path.join(home, 'versitygw'),
    args: [...listen, 'posix', '--versioning-dir', versionsDir, dataDir],
    env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    ports: [ports.s3],
    isReady: () => isHealthy(ports.s3),
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
