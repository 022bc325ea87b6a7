// npm run bench predict [NAME …]: answers and generated tokens of sluice, eager and compiled, beside Keras and PyTorch. Medians of interleaved rounds.
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { CASES, type Case } from './predict-rows.ts'
import type { PredictAnswer } from './predict-task.ts'
import { median } from './train-input.ts'
import { openProgram, type Program } from './train-program.ts'
import { table } from './train-report.ts'

const OPTIONS = {
  /** of each measurement, after a warm-up; at least three calls */
  seconds: { type: 'string', default: '0.5' },
  rounds: { type: 'string', default: '5' },
  /** names of contestants with commas between; default: all */
  only: { type: 'string' },
  /** where all figures go */
  json: { type: 'string', default: path.join(tmpdir(), 'sluice-bench-predict.json') },
} as const

interface Contestant {
  readonly name: string
  readonly program: string
  readonly variant: string
}

/** Everything that was measured, by case, then by contestant, one answer a round; an error ends them. */
interface Measured {
  readonly asked: Case
  readonly contestants: Readonly<Record<string, { answers: PredictAnswer[]; error?: string }>>
}

/** `[NAME …]` with names of predict-rows.ts, default all; see OPTIONS for the rest. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const names = [...new Set(CASES.map(({ name }) => name))]
  const unknown = positionals.filter((name) => !names.includes(name))
  assert(unknown.length === 0, `no case ${unknown.join(', ')}; cases: ${names.join(', ')}`)
  const cases = CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const contestants = contestantsOf(values.only)
  console.log(`${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}`)
  const rounds = Number(values.rounds)
  const measured = await measureAll({ cases, contestants, rounds, seconds: Number(values.seconds) })
  console.log(`\n${paceTable(measured, contestants)}\n\n${prepareTable(measured)}`)
  const about = { at: new Date().toISOString(), processors: cpus().length, load: loadavg(), ...values }
  writeFileSync(values.json, `${JSON.stringify({ ...about, measured }, null, 1)}\n`)
  console.log(`\nall figures: ${values.json}`)
}

const PROGRAMS: Readonly<Record<string, readonly [interpreter: string | undefined, file: string]>> = {
  sluice: [process.execPath, 'predict-task.ts'],
  keras: [process.env.SLUICE_BENCH_KERAS, 'peers/predict_keras.py'],
  torch: [process.env.SLUICE_BENCH_TORCH, 'peers/predict_torch.py'],
}

function contestantsOf(only: string | undefined): Contestant[] {
  const all: Contestant[] = [
    { name: 'sluice compiled', program: 'sluice', variant: 'compiled' },
    { name: 'sluice eager', program: 'sluice', variant: 'eager' },
    { name: 'Keras predict', program: 'keras', variant: 'predict' },
    { name: 'tf.function', program: 'keras', variant: 'function' },
    { name: 'PyTorch', program: 'torch', variant: 'eager' },
  ]
  const names = only?.split(',').map((name) => name.trim())
  const wanted = all.filter(({ name }) => names?.includes(name) ?? true)
  const there = wanted.filter(({ program }) => PROGRAMS[program]![0] !== undefined)
  const missing = new Set(wanted.filter((each) => !there.includes(each)).map(({ program }) => program))
  for (const program of missing)
    console.log(`left out: ${program} (no interpreter given, see docs/benchmarks/prediction.md)`)
  assert(there.length > 0, `--only takes of ${all.map(({ name }) => name).join(', ')}`)
  return there
}

/** One process per program for the whole benchmark, one of them at work at a time. */
async function measureAll(wish: {
  cases: readonly Case[]
  contestants: readonly Contestant[]
  rounds: number
  seconds: number
}): Promise<Measured[]> {
  const { cases, contestants, rounds, seconds } = wish
  const open = (program: string): Program => {
    const [interpreter, file] = PROGRAMS[program]!
    return openProgram([interpreter!, path.join(import.meta.dirname, file)])
  }
  const programs = new Map([...new Set(contestants.map(({ program }) => program))].map((each) => [each, open(each)]))
  const measured = cases.map((asked): Measured => {
    return { asked, contestants: Object.fromEntries(contestants.map(({ name }) => [name, { answers: [] }])) }
  })
  for (let round = 1; round <= rounds; round++) {
    for (const each of measured) {
      for (const { name, program, variant } of contestants) {
        const figures = each.contestants[name]!
        if (figures.error !== undefined) continue
        const request = { ...each.asked, variant, seconds }
        await programs
          .get(program)!
          .ask<PredictAnswer>(request)
          .then((answer) => void figures.answers.push(answer))
          .catch((error: unknown) => {
            figures.error = String(error)
            console.log(`${titleOf(each.asked)}, ${name}: ${figures.error}`)
          })
      }
    }
    console.log(`round ${round} of ${rounds}`)
  }
  await Promise.all([...programs.values()].map((program) => program.close()))
  return measured
}

/** Milliseconds; in brackets how many times as long as the first contestant's. */
function paceTable(measured: readonly Measured[], contestants: readonly Contestant[]): string {
  const lines = measured.map(({ asked, contestants: found }) => {
    const [first, ...others] = contestants.map(({ name }) => medianOf(found[name]?.answers ?? [], 'ms'))
    const ratio = (ms: number | null): string =>
      ms === null ? '–' : `${short(ms)}${first == null ? '' : ` (${(ms / first).toFixed(2)}×)`}`
    return [titleOf(asked), first == null ? '–' : short(first), ...others.map(ratio)]
  })
  return table(['milliseconds', ...contestants.map(({ name }) => name)], lines)
}

/** What compiling costs at the start. */
function prepareTable(measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ asked, contestants }) => {
    const answers = contestants['sluice compiled']?.answers ?? []
    const prepare = medianOf(answers, 'prepareMs')
    if (prepare === null) return []
    return [[titleOf(asked), short(prepare), short(medianOf(answers, 'firstMs')!)]]
  })
  return table(['milliseconds before the first answer', 'compiling', 'first call or token'], lines)
}

function medianOf(answers: readonly PredictAnswer[], figure: keyof PredictAnswer): number | null {
  const values = answers.flatMap((answer) => answer[figure] ?? [])
  return values.length === 0 ? null : median(values)
}

function titleOf({ title, what, rows, tokens }: Case): string {
  return what === 'generate' ? `${title}: a token of ${tokens}` : `${title}: ${rows} ${rows === 1 ? 'row' : 'rows'}`
}

function short(ms: number): string {
  return ms < 10 ? ms.toFixed(3) : ms.toFixed(1)
}

if (process.argv[1] === import.meta.filename) await run(process.argv.slice(2))
