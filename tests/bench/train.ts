// npm run bench train [ROW …]: a training step of sluice, eager and compiled, beside Keras and PyTorch. Medians of interleaved rounds.
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Contestant, contestantsOf } from './train-contestants.ts'
import type { InputCost } from './train-input.ts'
import { type Answer, openProgram, type Program } from './train-program.ts'
import { inputTable, type Measured, memoryTable, paceTable, prepareTable } from './train-report.ts'
import { ROWS, type Row } from './train-rows.ts'

const OPTIONS = {
  /** of each measurement, after an epoch of warm-up; at least one epoch */
  seconds: { type: 'string', default: '2' },
  rounds: { type: 'string', default: '5' },
  /** names of contestants with commas between; default: all */
  only: { type: 'string' },
  /** a new process for each figure, so that its peak memory is its own */
  memory: { type: 'boolean', default: false },
  /** what gathering and uploading rows costs, sluice alone */
  input: { type: 'boolean', default: false },
  /** sluice alone, with settings of TensorFlow's library */
  settings: { type: 'boolean', default: false },
  /** where all figures go */
  json: { type: 'string', default: path.join(tmpdir(), 'sluice-bench-train.json') },
} as const

/** `[ROW …]` with names of train-rows.ts, default all; see OPTIONS for the rest. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name))
  assert(unknown.length === 0, `no row ${unknown.join(', ')}; rows: ${ROWS.map(({ name }) => name).join(', ')}`)
  const rows = ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const wish = { rows, seconds: Number(values.seconds), rounds: Number(values.rounds), own: values.memory }
  console.log(`${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}`)
  const found = values.input ? await measureInputs(wish) : await measurePaces(wish, chosen(values))
  writeFileSync(values.json, `${JSON.stringify({ ...about(wish), ...found }, null, 1)}\n`)
  console.log(`\nall figures: ${values.json}`)
}

interface Wish {
  readonly rows: readonly Row[]
  readonly seconds: number
  readonly rounds: number
  /** each figure by a process of its own */
  readonly own: boolean
}

function chosen({ only, settings }: { only?: string | undefined; settings: boolean }): Contestant[] {
  const all = contestantsOf(settings)
  const names = only?.split(',').map((name) => name.trim())
  const wanted = all.filter(({ name }) => names?.includes(name) ?? true)
  assert(wanted.length > 0, `--only takes of ${all.map(({ name }) => name).join(', ')}`)
  return wanted
}

/** One process per program for the whole benchmark, one of them at work at a time. */
async function measurePaces(wish: Wish, contestants: readonly Contestant[]): Promise<object> {
  const measured = wish.rows.map((row): Measured => {
    return { row, contestants: Object.fromEntries(contestants.map(({ name }) => [name, { answers: [] }])) }
  })
  const programs = new Map<string, Program>()
  const programOf = ({ program, command, environment }: Contestant): Program => {
    const found = programs.get(program) ?? openProgram(command, environment)
    programs.set(program, found)
    return found
  }
  for (let round = 1; round <= wish.rounds; round++) {
    for (const each of measured) {
      for (const contestant of contestants) {
        await measureOnce(each, contestant, { round, seconds: wish.seconds, program: programOf(contestant) })
        if (wish.own) await closeAll(programs)
      }
      requireSameWeights(each)
    }
  }
  await closeAll(programs)
  const names = contestants.map(({ name }) => name)
  const tables = wish.own ? [memoryTable] : [paceTable, prepareTable]
  for (const table of tables) console.log(`\n${table(measured, names)}`)
  return { measured }
}

async function measureOnce(
  { row, contestants }: Measured,
  { name, variant }: Contestant,
  { round, seconds, program }: { round: number; seconds: number; program: Program },
): Promise<void> {
  const figures = contestants[name]!
  if (figures.error !== undefined) return
  const place = `round ${round}  ${row.name.padEnd(6)} ${name.padEnd(24)}`
  try {
    const answer = await program.ask<Answer>({ ...row, variant, seconds })
    figures.answers.push(answer)
    const { examplesPerSecond: pace, prepareSeconds, peakMegabytes } = answer
    const rest = `prepared in ${prepareSeconds.toFixed(2)} s, peak ${peakMegabytes.toFixed(0)} MB`
    console.log(`${place} ${pace.toFixed(0).padStart(8)} examples/s, ${rest}`)
  } catch (error) {
    figures.error = String(error)
    console.log(`${place} ${figures.error}`)
  }
}

/** Another number of weights would be another task. */
function requireSameWeights({ row, contestants }: Measured): void {
  const counts = Object.entries(contestants).flatMap(([name, { answers }]) =>
    answers.slice(-1).map(({ parameters }) => [name, parameters] as const),
  )
  assert(new Set(counts.map(([, count]) => count)).size <= 1, `${row.name}: weights differ: ${JSON.stringify(counts)}`)
}

async function measureInputs({ rows, seconds, rounds }: Wish): Promise<object> {
  const { command, environment } = contestantsOf(true)[0]!
  const program = openProgram(command, environment)
  const costs: (InputCost & { readonly row: Row })[] = []
  for (const row of rows) {
    const request = { ...row, variant: 'input', seconds: seconds * rounds }
    costs.push({ ...(await program.ask<InputCost>(request)), row })
  }
  await program.close()
  console.log(`\n${inputTable(costs)}`)
  return { costs }
}

function about({ seconds, rounds }: Wish): object {
  const [{ model } = { model: '' }] = cpus()
  return { at: new Date().toISOString(), processors: cpus().length, model, load: loadavg(), seconds, rounds }
}

async function closeAll(programs: Map<string, Program>): Promise<void> {
  await Promise.all([...programs.values()].map((program) => program.close()))
  programs.clear()
}

if (process.argv[1] === import.meta.filename) await run(process.argv.slice(2))
