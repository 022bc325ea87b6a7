// Apicurio Registry with its schemas in memory: a schema registry that speaks Confluent's REST API. For tests only.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import { fetchFile } from '../downloads/fetch-file.ts'
import { mavenRepository } from '../downloads/registries.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { ensureJava, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'

const SHA256 = '3cda1b34aa020fb4ac4dd6a66018d757e81e437f97e20a1f92d366b70091c6ba'
const READY_WITHIN_MS = 90_000

export interface LocalRegistry {
  /** base of Confluent's API */
  readonly url: string
  stop(): Promise<void>
}

/** Fetches it once (142 MB) and starts it on a free loopback port; it forgets everything when it stops. */
export async function startSchemaRegistry(fetching: Fetching): Promise<LocalRegistry> {
  const folder = await ensureApicurio(fetching)
  const { command } = await ensureJava(fetching)
  const port = await freePort()
  const jar = `apicurio-registry-app-${VERSIONS.apicurioRegistry}-runner.jar`
  const settings = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`]
  const args = ['-Xmx384m', '-XX:TieredStopAtLevel=1', ...settings, '-jar', path.join(folder, jar)]
  const child = spawn(command, args, { cwd: folder, stdio: 'ignore' })
  const gone = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL') // it keeps nothing
    await gone
  }
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const deadlineMs = Date.now() + READY_WITHIN_MS
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      await stop()
      const detail = child.exitCode === null ? 'no answer' : `exit code ${child.exitCode}`
      throw failure('SERVER_NOT_READY', { server: 'schema registry', ms: READY_WITHIN_MS, detail, log: 'nowhere' })
    }
    await delay(100)
  }
  return { url, stop }
}

function ensureApicurio({ cacheDir, say }: Fetching): Promise<string> {
  const version = VERSIONS.apicurioRegistry
  const what = `Apicurio Registry ${version} (142 MB)`
  return cachedFolder({
    cacheDir,
    name: `apicurio-registry-${version}`,
    fill: async (folder) => {
      say(`fetching ${what}`)
      const name = `apicurio-registry-app-${version}-all.tar.gz`
      const archive = path.join(folder, name)
      const { url: repository, headers } = mavenRepository()
      const url = new URL(`io/apicurio/apicurio-registry-app/${version}/${name}`, repository).href
      await fetchFile({ url, headers, sha256: SHA256, what, kind: 'apicurio', file: archive, cacheDir })
      const unpacked = await runCommand('tar', ['-xzf', archive, '-C', folder])
      if (unpacked.code !== 0)
        throw failure('DOWNLOAD_BROKEN', { name: archive, expected: 'a tar archive', found: lastLines(unpacked) })
      await rm(archive)
    },
  })
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
