// `npm test`: sets up all that the tests need, with a line for each step, runs every kind of test and counts them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Config, loadConfig } from '../../core/config.ts'
import { isFailure } from '../../schemas/failures.ts'
import { ROOT_DIR, TEST_STATE_DIR } from '../places.ts'
import { joinServers, type SharedServers } from '../servers/users.ts'
import { ensureNative } from '../tensorflow/native.ts'
import { ensureChromium } from './chromium.ts'
import { softwareVulkan } from './software-vulkan.ts'
import { countTests, exitCodeOf, type JsonReport, summaryLine, type TestCounts } from './test-summary.ts'

const startedMs = Date.now()
const say = (line: string) => console.log(`[${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s] ${line}`)

/** What a run goes on with when part of the set-up failed. */
interface SetUp {
  readonly servers: SharedServers | undefined
  readonly chromium: string | undefined
  /** set-up steps that failed; each counts as a failed test */
  readonly failed: number
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const { servers, chromium, failed } = await setUp(loadConfig())
  say(servers === undefined ? 'running the tests that need no servers' : 'running all tests')
  const reportFile = path.join(TEST_STATE_DIR, `report-${process.pid}.json`)
  const only = servers === undefined ? ['--project', 'unit', '--project', 'lowered'] : []
  const runnerCode = await runVitest([...only, ...args], reportFile, chromium)
  if (process.env.SLUICE_KEEP_SERVERS !== '1') await servers?.leave()
  const counts = readCounts(reportFile, failed)
  await rm(reportFile, { force: true })
  say('done')
  console.log(summaryLine(counts))
  return exitCodeOf(counts, runnerCode)
}

/** The three steps work side by side: the first waits for the network, the second compiles, the third installs. */
async function setUp({ cacheDir, s3Server, libtensorflow: archive }: Config): Promise<SetUp> {
  const [servers, , browser] = await Promise.all([
    joinServers({ stateDir: TEST_STATE_DIR, cacheDir, s3Server, say: (line) => say(`servers: ${line}`) }).catch(
      (error: unknown) => {
        say(`servers: FAILED: ${error instanceof Error ? error.message : String(error)}`)
        if (isFailure(error)) say(`servers: what to do: ${error.next}`)
        return undefined
      },
    ),
    ensureNative({ cacheDir, archive, say: (line) => say(`native: ${line}`) }).then((native) => {
      if (native.ok) say(`native: TensorFlow ${native.tensorflow} on the ${native.gpu ? 'GPU' : 'CPU'}`)
      else say(`native: not available, training uses wasm: ${native.why}; ${native.fix}`)
    }),
    ensureChromium({ say: (line) => say(`browser: ${line}`) }),
  ])
  if (browser.ok) say(`browser: ${browser.path}`)
  else say(`browser: none, the tests in a browser are SKIPPED: ${browser.why}; ${browser.fix}`)
  return { servers, chromium: browser.ok ? browser.path : undefined, failed: servers === undefined ? 1 : 0 }
}

async function runVitest(args: readonly string[], reportFile: string, chromium: string | undefined): Promise<number> {
  await mkdir(path.dirname(reportFile), { recursive: true })
  const vitest = path.join(ROOT_DIR, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: ROOT_DIR,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(await softwareVulkan(path.join(TEST_STATE_DIR, 'vulkan'))), // so that the WebGPU backend is tested without a GPU
      ...(chromium === undefined ? {} : { CHROMIUM: chromium }),
    },
  })
  // the terminal sends Ctrl-C to the child as well: wait for it, so that the servers are stopped afterwards
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** No report means that the runner did not get as far as running tests. */
function readCounts(reportFile: string, setUpFailed: number): TestCounts {
  try {
    const counts = countTests(JSON.parse(readFileSync(reportFile, 'utf8')) as JsonReport)
    return { ...counts, failed: counts.failed + setUpFailed }
  } catch {
    return { passed: 0, failed: Math.max(1, setUpFailed), skipped: 0 }
  }
}
