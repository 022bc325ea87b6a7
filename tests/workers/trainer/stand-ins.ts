// Stand-ins for the trainer process: the job's code field names how the process behaves.
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })
lines.once('line', (text) => BEHAVIOURS[(JSON.parse(text) as { code: string }).code]!())
lines.once('close', () => process.exit(9))

const say = (line: unknown): void => {
  process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
}
const model = { digest: 'd' }

const BEHAVIOURS: Readonly<Record<string, () => void>> = {
  trains() {
    say('a library says hello')
    say({ type: 'progress', step: 20, steps: 40, epoch: 1, loss: 0.5, examplesPerSecond: 9 })
    say('{"type": not json')
    say({ type: 'trained', model })
    process.exit(0)
  },
  fails() {
    say({ type: 'error', code: 'LOSS_NOT_FINITE', message: 'm', facts: { found: 'NaN', step: 3, checkpoint: 'none' } })
    process.exit(1)
  },
  breaks() {
    say({ type: 'error', code: 'UNEXPECTED', message: 'x is not a function', facts: {} })
    process.exit(1)
  },
  vanishes() {
    say({ type: 'checkpoint', checkpoint: { key: 'k', sha256: 's', bytes: 1, step: 60 } })
    process.stderr.write('out of memory\n')
    process.kill(process.pid, 'SIGKILL')
  },
  reports() {
    say({ type: 'trained', model: process.env })
    process.exit(0)
  },
  leaves() {
    process.exit(0)
  },
  waits() {
    process.on('SIGTERM', () => process.exit(0))
    say({ type: 'started', backend: {}, fromStep: process.pid, steps: 1, rows: 1 })
  },
  ignores() {
    process.on('SIGTERM', () => say('no'))
    say({ type: 'started', backend: {}, fromStep: process.pid, steps: 1, rows: 1 })
  },
}
