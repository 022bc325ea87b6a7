// npm run bench clean: segments to clean parts to a float32 matrix, beside Polars, DuckDB and pandas; then one more segment in a thousand.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { fillLake, folderStore } from './clean-lake.ts'
import { median } from './train-input.ts'
import { table } from './train-report.ts'

const OPTIONS = {
  rows: { type: 'string', default: '2000000' },
  rounds: { type: 'string', default: '5' },
  /** of the grown source: rows in all, in a thousand segments */
  grown: { type: 'string', default: '10000000' },
} as const

/** What every program prints. Seconds begin after its start-up. */
interface Figures {
  readonly rows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly maxRssBytes: number
  /** when the dataset is there, before the matrix is made */
  readonly cleanSeconds?: number
  readonly cleanRssBytes?: number
  readonly digest?: string
}

interface Contestant {
  readonly name: string
  readonly command: (folder: string) => readonly [string, ...string[]]
}

const HERE = import.meta.dirname
const SLUICE = path.join(HERE, 'clean-task.ts')

/** `[--rows N] [--rounds N] [--grown N]`; SLUICE_BENCH_CLEAN: an interpreter with the peers, see docs/benchmarks/cleaning.md. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-clean-'))
  try {
    console.log(`${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}`)
    await besidePeers(path.join(folder, 'peers'), { rows: Number(values.rows), rounds: Number(values.rounds) })
    await grown(path.join(folder, 'grown'), { rows: Number(values.grown), rounds: Number(values.rounds) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function contestants(): Contestant[] {
  const python = process.env.SLUICE_BENCH_CLEAN
  const sluice: Contestant = { name: 'sluice', command: (folder) => [process.execPath, SLUICE, folder, 'unkept'] }
  if (python === undefined) {
    console.log('left out: Polars, DuckDB, pandas (no interpreter given, see docs/benchmarks/cleaning.md)')
    return [sluice]
  }
  const peer = (engine: string, threads: number): Contestant => ({
    name: `${engine}, ${threads} thread${threads === 1 ? '' : 's'}`,
    command: (folder) => [python, path.join(HERE, 'peers/clean.py'), engine.toLowerCase(), folder, String(threads)],
  })
  return [sluice, peer('Polars', 1), peer('Polars', 2), peer('DuckDB', 1), peer('DuckDB', 2), peer('pandas', 1)]
}

/** Rounds in which each contestant has its turn. */
async function besidePeers(folder: string, { rows, rounds }: { rows: number; rounds: number }): Promise<void> {
  await fillLake(folderStore(folder), { rows, segmentRows: 100_000 }, 'all')
  const all = contestants()
  const found = new Map(all.map(({ name }) => [name, [] as Figures[]]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of all) {
      found.get(name)!.push(await measure(command(folder)))
      rmSync(path.join(folder, 'parts'), { recursive: true, force: true })
    }
  }
  const lines = all.map(({ name }) => {
    const figures = found.get(name)!
    const of = (figure: 'seconds' | 'cpuSeconds' | 'maxRssBytes'): number => median(figures.map((each) => each[figure]))
    return [name, of('seconds').toFixed(2), of('cpuSeconds').toFixed(2), (of('maxRssBytes') / 1e6).toFixed(0)]
  })
  console.log(`\n${rows.toLocaleString('en')} rows, medians of ${rounds}:\n`)
  console.log(table(['', 'seconds', 'CPU seconds', 'peak MB'], lines))
}

/** A thousand segments that were cleaned, then one more. */
async function grown(folder: string, { rows, rounds }: { rows: number; rounds: number }): Promise<void> {
  const store = folderStore(folder)
  const segmentRows = Math.ceil(rows / 1000)
  await fillLake(store, { rows, segmentRows }, 'all')
  const kept: Contestant['command'] = (at) => [process.execPath, SLUICE, at, 'kept']
  const first = await measure(kept(folder))
  console.log(`\n${rows.toLocaleString('en')} rows in 1,000 segments, all new: ${shown(first)}`)
  const more: Figures[] = []
  for (let round = 0; round < rounds; round++) {
    await fillLake(store, { rows: segmentRows, segmentRows, start: rows + round * segmentRows }, `more ${round}`)
    more.push(await measure(kept(folder)))
  }
  const middle = more.toSorted((a, b) => a.cleanSeconds! - b.cleanSeconds!)[more.length >> 1]!
  console.log(`one more segment of ${segmentRows.toLocaleString('en')} rows, median of ${rounds}: ${shown(middle)}`)
  const anew = await measure([process.execPath, SLUICE, folder, 'unkept'])
  console.log(`the same dataset made from nothing: ${shown(anew)}; equal: ${anew.digest === more.at(-1)!.digest}`)
}

const shown = ({ cleanSeconds, cleanRssBytes }: Figures): string =>
  `${cleanSeconds!.toFixed(2)} s, peak ${(cleanRssBytes! / 1e6).toFixed(0)} MB`

async function measure([program, ...args]: readonly [string, ...string[]]): Promise<Figures> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}`)
  return JSON.parse(text.trim().split('\n').at(-1)!) as Figures
}
