// `npm run demo -- --approve --json`, as a script calls it: both acts, one line of JSON, nothing left running.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT_DIR } from '../../infra/places.ts'
import { serverStatus } from '../../infra/servers/servers.ts'

interface Act {
  readonly act: number
  readonly reason: string
  readonly outcome: string
  readonly candidate: string
  readonly champion: string
  readonly ingested: readonly { readonly start: number; readonly end: number }[]
  readonly rows: { readonly in: number; readonly clean: number; readonly rejected: number; readonly duplicates: number }
  readonly metrics: { readonly accuracy: number }
  readonly championMetrics: { readonly accuracy: number } | null
  readonly gates: readonly { readonly name: string; readonly verdict: string }[]
}

interface Report extends Act {
  readonly pipeline: string
  readonly prediction: { readonly value: string }
  readonly seconds: Readonly<Record<string, number>>
  readonly acts: readonly Act[]
}

let stateDir: string
let code: number | null
let report: Report
let text = ''

beforeAll(async () => {
  mkdirSync(path.join(ROOT_DIR, '.sluice'), { recursive: true })
  stateDir = mkdtempSync(path.join(ROOT_DIR, '.sluice', 'demo-'))
  const demo = spawn('npm', ['run', '--silent', 'demo', '--', '--approve', '--json'], {
    cwd: ROOT_DIR,
    env: { ...process.env, SLUICE_STATE: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  demo.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  demo.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  ;[code] = (await once(demo, 'close')) as [number | null]
  report = JSON.parse(stdout) as Report
})

afterAll(() => rm(stateDir, { recursive: true, force: true }))

test('it goes through by itself', () => {
  expect(code, text).toBe(0)
  expect(report.acts.map(({ reason, outcome }) => [reason, outcome])).toEqual([
    ['person', 'approved'],
    ['rows', 'approved'],
  ])
  expect(report).toMatchObject({ pipeline: 'digits', champion: report.acts[1]?.candidate, prediction: { value: '1' } })
})

test('the default budget reads 97 of 100 digits', () => {
  for (const { metrics } of report.acts) expect(metrics.accuracy).toBeGreaterThanOrEqual(0.97)
})

test('every record is accounted for', () => {
  for (const { rows } of report.acts) expect(rows.in).toBe(rows.clean + rows.rejected + rows.duplicates)
})

test('the second act reads new offsets only', () => {
  const [first, second] = report.acts
  expect(second?.ingested.map(({ start }) => start)).toEqual(first?.ingested.map(({ end }) => end))
})

test('the challenger keeps up with the champion on its rows', () => {
  const [, second] = report.acts
  // another processor is another seed: two models that misread 3 of 100 of some 3,700 rows each differ by √(2 · 0.03 / 3,700) from run to run
  const deviation = 0.004
  expect(second?.metrics.accuracy).toBeGreaterThan((second?.championMetrics?.accuracy ?? 1) - deviation)
  expect(second?.gates.every(({ verdict }) => verdict === 'PASS')).toBe(true)
})

test('a person sees each stage with its time', () => {
  for (const stage of ['ingest', 'clean', 'train', 'evaluate', 'promote']) {
    expect(text).toMatch(new RegExp(`  ${stage} +\\w+ +[\\d.]+ m?s`))
  }
})

test('nothing is left running', async () => {
  expect((await serverStatus({ stateDir })).filter(({ running }) => running)).toEqual([])
  expect(processesOf(stateDir)).toEqual([])
})

/** Command lines of the processes that were given this state folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        return environment.includes(folder) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : []
      } catch {
        return [] // another user's, or gone meanwhile
      }
    })
}
