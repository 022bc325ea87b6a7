// npm run bench train [SECONDS]: a training step of sluice, eager and compiled, beside Keras and PyTorch. Medians of 5 interleaved rounds.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

const ROUNDS = 5

const TASKS = [
  { name: '784-512-512-10', units: [784, 512, 512, 10], batch: 128 },
  { name: '784-256-10', units: [784, 256, 10], batch: 256 },
  { name: '10-5-10', units: [10, 5, 10], batch: 32 },
] as const

interface Contestant {
  readonly name: string
  readonly program: keyof typeof PROGRAMS
  readonly variant: string
}

/** The interpreters of the peers come from SLUICE_BENCH_KERAS and SLUICE_BENCH_TORCH: Pythons that can import them. */
const PROGRAMS = {
  sluice: [process.execPath, 'train-task.ts'],
  keras: [process.env.SLUICE_BENCH_KERAS, 'peers/train_keras.py'],
  torch: [process.env.SLUICE_BENCH_TORCH, 'peers/train_torch.py'],
} as const

const CONTESTANTS: readonly Contestant[] = [
  { name: 'sluice compiled', program: 'sluice', variant: 'compiled' },
  { name: 'sluice eager', program: 'sluice', variant: 'eager' },
  { name: 'Keras fit', program: 'keras', variant: 'fit' },
  { name: 'tf.function', program: 'keras', variant: 'function' },
  { name: 'PyTorch', program: 'torch', variant: 'eager' },
]

/** One process per program for the whole benchmark, one of them at work at a time. */
export async function run([seconds = '2']: readonly string[]): Promise<void> {
  const programs = new Map<string, Ask>()
  for (const [name, [interpreter, file]] of Object.entries(PROGRAMS)) {
    if (interpreter === undefined)
      console.log(`left out: ${name} (no interpreter given, see docs/benchmarks/training.md)`)
    else programs.set(name, openProgram(interpreter, path.join(import.meta.dirname, file)))
  }
  const present = CONTESTANTS.filter(({ program }) => programs.has(program))
  const figures = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name: task, units, batch } of TASKS) {
      for (const { name, program, variant } of present) {
        const rate = await programs.get(program)!({ units, batch, variant, seconds: Number(seconds) })
        const key = `${task} ${name}`
        figures.set(key, [...(figures.get(key) ?? []), rate])
        console.log(
          `round ${round + 1}  ${task.padEnd(15)} ${name.padEnd(16)} ${rate.toFixed(0).padStart(8)} examples/s`,
        )
      }
    }
  }
  for (const ask of programs.values()) ask.close()
  report(
    figures,
    present.map(({ name }) => name),
  )
}

interface Ask {
  (request: object): Promise<number>
  close(): void
}

function openProgram(interpreter: string, file: string): Ask {
  const child: ChildProcessWithoutNullStreams = spawn(interpreter, [file])
  const lines = createInterface({ input: child.stdout })
  const closed = once(child, 'close').then(() => null)
  let log = ''
  child.stderr.on('data', (text) => {
    log += text
  })
  const ask = async (request: object): Promise<number> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await Promise.race([once(lines, 'line'), closed])
    if (answer === null) throw new Error(`${file} ended:\n${log}`)
    return (JSON.parse(answer[0]) as { examplesPerSecond: number }).examplesPerSecond
  }
  return Object.assign(ask, { close: () => child.stdin.end() })
}

/** A Markdown table: medians, and the first contestant over each of the others. */
function report(figures: ReadonlyMap<string, readonly number[]>, names: readonly string[]): void {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  console.log(`\n${row(['examples/s', ...names])}\n${row(['---', ...names.map(() => '---:')])}`)
  for (const { name: task, batch } of TASKS) {
    const medians = names.map((name) => median(figures.get(`${task} ${name}`)!))
    const cells = medians.map((value, i) => {
      const ratio = i === 0 ? '' : ` (${(medians[0]! / value).toFixed(2)}×)`
      return `${Math.round(value).toLocaleString('en')}${ratio}`
    })
    console.log(row([`${task}, batch ${batch}`, ...cells]))
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

if (process.argv[1] === import.meta.filename) await run(process.argv.slice(2))
