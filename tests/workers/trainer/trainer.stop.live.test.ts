// The real trainer process asked to stop: a training keeps its last step, anything else ends at once.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { childEnvironment } from '../../../core/config.ts'
import { sha256 } from '../../../core/digest.ts'
import type { Plan } from '../../../schemas/plan.ts'
import type { TrainerJob, TrainerLine } from '../../../schemas/trainer.ts'
import { PLAN } from '../../ml/flowers.ts'
import { listen } from '../../setup/listen.ts'
import { aDataset, aModel } from '../../workflows/builders.ts'
import { openTrainerLake, type TrainerLake } from './trainer-lake.ts'

const program = fileURLToPath(new URL('../../../workers/trainer/trainer.ts', import.meta.url))
const endless: Plan = { ...PLAN, train: { ...PLAN.train, batch: 16, epochs: 1_000_000, checkpointEvery: 1_000_000 } }

let lake: TrainerLake
beforeAll(async () => {
  lake = await openTrainerLake(inject('endpoints'), 2_000)
})
afterAll(() => lake.store.close())

function start(
  job: TrainerJob,
  endpoints = lake.endpoints,
): { child: ChildProcess; lines: TrainerLine[]; line(type: TrainerLine['type']): Promise<void> } {
  const child = spawn(process.execPath, [program], {
    env: childEnvironment(endpoints),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines: TrainerLine[] = []
  const output = createInterface({ input: child.stdout })
  output.on('line', (text) => lines.push(JSON.parse(text) as TrainerLine))
  child.stdin.write(`${JSON.stringify(job)}\n`)
  return {
    child,
    lines,
    async line(type) {
      while (!lines.some((line) => line.type === type)) await once(output, 'line')
    },
  }
}

function training(name: string, dataset = lake.dataset): TrainerJob {
  return { job: 'train', plan: endless, dataset, inputs: sha256(name), code: 'c', backend: 'wasm' }
}

/** jobs that have done nothing yet */
const QUIET: TrainerJob[] = [
  training('too early', aDataset()),
  { job: 'evaluate', plan: endless, dataset: aDataset(), model: aModel(), champion: null },
]

describe('a trainer that is asked to stop', () => {
  it.for(['SIGTERM', 'SIGINT'] as const)('keeps its last step on %s', { timeout: 60_000 }, async (signal) => {
    const { child, lines, line } = start(training(signal))
    await line('progress')
    child.kill(signal)
    expect(await once(child, 'close')).toEqual([1, null])
    const last = lines.findLast(({ type }) => type === 'progress') as Extract<TrainerLine, { type: 'progress' }>
    const [checkpoint, error] = lines.slice(-2)
    expect(error).toMatchObject({ type: 'error', code: 'TRAINER_DIED', facts: { found: signal } })
    expect(checkpoint).toMatchObject({ type: 'checkpoint' })
    expect(checkpoint?.type === 'checkpoint' && checkpoint.checkpoint.step).toBeGreaterThanOrEqual(last.step)
  })

  it.for<TrainerJob>(QUIET)('ends at once with nothing to keep: $job', { timeout: 60_000 }, async (job) => {
    const silent = createServer(() => {}) // a store that never answers: the trainer is at work and waits
    const endpoint = `http://${await listen(silent)}`
    const { child } = start(job, { ...lake.endpoints, s3: { ...lake.endpoints.s3, endpoint } })
    await once(silent, 'request')
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
    silent.closeAllConnections()
    silent.close()
  })
})
