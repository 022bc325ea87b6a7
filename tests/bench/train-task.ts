// Child program of the training benchmark: measures sluice's training loop, eager or compiled. One JSON request a line in, one answer out.
import { createInterface } from 'node:readline'
import { seededRandom } from '../../core/random.ts'
import { openBackend } from '../../ml/backend.ts'
import type { Matrix } from '../../ml/batches.ts'
import { chooseEngine } from '../../ml/choose-engine.ts'
import { trainModel } from '../../ml/loop.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import type { PredictSpec, TrainSpec } from '../../schemas/plan.ts'

interface Request {
  /** units from input to output */
  readonly units: readonly number[]
  readonly batch: number
  readonly variant: 'eager' | 'compiled'
  readonly seconds: number
}

/** steps per epoch, in all programs */
const STEPS = 100

const { tf, info } = await openBackend({ prefer: 'tensorflow', device: 'any' })

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await measure(JSON.parse(line) as Request)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

/** Rows per second of the whole loop (gather, step, losses) after an epoch of warm-up. Validation and checkpoints are not counted. */
async function measure({ units, batch, variant, seconds }: Request): Promise<{ examplesPerSecond: number }> {
  const inputs = units[0]!
  const predict: PredictSpec = { task: 'category', column: 'y', classes: classes(units.at(-1)!) }
  const train: TrainSpec = {
    model: { kind: 'mlp', hidden: units.slice(1, -1), activation: 'relu', dropout: 0 },
    optimizer: { kind: 'adam', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    ...{ batch, epochs: 1_000_000, seed: 1, checkpointEvery: 1_000_000_000, device: 'any' },
  }
  const network = networkOf(architectureOf(train.model, inputs, predict))
  const task = { tf, network, predict, train, rows: noise(STEPS * batch, units), validation: noise(1, units) }
  const { engine, why } = await chooseEngine({ ...task, backend: info, forceEager: variant === 'eager' })
  if (engine.kind !== variant) throw new Error(why)
  const stop = new AbortController()
  const counted = { steps: 0, ms: 0 }
  let resumed = 0
  const training = trainModel({
    ...{ ...task, backend: 'bench', engine, from: null, signal: stop.signal },
    onProgress({ step }) {
      if (step % STEPS !== 0 || step === STEPS) return
      counted.steps += STEPS
      counted.ms += performance.now() - resumed
      if (counted.ms >= seconds * 1000) stop.abort(new Error('measured'))
    },
    async save({ step }) {
      resumed = performance.now()
      return { key: '', sha256: '', bytes: 0, step }
    },
  })
  await training.catch((error: Error) => {
    if (error.message !== 'measured') throw error
  })
  engine.dispose()
  return { examplesPerSecond: (1000 * counted.steps * batch) / counted.ms }
}

function noise(rows: number, units: readonly number[]): Matrix {
  const random = seededRandom(1)
  const [width, outputs] = [units[0]!, units.at(-1)!]
  const inputs = Float32Array.from({ length: rows * width }, random)
  const labels = Float32Array.from({ length: rows }, () => Math.floor(random() * outputs))
  return { rows, width, inputs, labels }
}

function classes(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `class ${i}`)
}
