// Child program of the training benchmark: measures sluice's training loop, eager or compiled, and what its input costs.
import { createInterface } from 'node:readline'
import { seededRandom } from '../../core/random.ts'
import { FIRST_ID } from '../../core/tokens.ts'
import { openBackend } from '../../ml/backend.ts'
import { networkOf } from '../../ml/networks/open.ts'
import { chooseEngine, type EngineWish } from '../../ml/training/engine/choose-engine.ts'
import type { Engine } from '../../ml/training/engine/engine.ts'
import type { Matrix } from '../../ml/training/input/matrix.ts'
import { trainModel } from '../../ml/training/loop.ts'
import type { PredictSpec, TrainSpec } from '../../schemas/plan.ts'
import { watchGraphs } from './train-graph-size.ts'
import { measureInput } from './train-input.ts'
import type { Answer } from './train-program.ts'
import type { Row } from './train-rows.ts'

interface Request extends Row {
  /** `input`: see measureInput */
  readonly variant: 'eager' | 'compiled' | 'input'
  readonly seconds: number
}

const { tf, info } = await openBackend({ prefer: 'tensorflow', device: 'any' })
const graph = watchGraphs(tf)

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  try {
    process.stdout.write(`${JSON.stringify(await measure(request))}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`)
  }
}

async function measure(request: Request): Promise<object> {
  const { variant, seconds } = request
  const task = taskOf(request)
  const startMs = performance.now()
  const { engine, why } = await chooseEngine({ ...task, forceEager: variant === 'eager' })
  const prepareSeconds = (performance.now() - startMs) / 1000
  try {
    const kind = variant === 'eager' ? 'eager' : 'compiled'
    if (engine.kind !== kind) throw new Error(why)
    if (variant === 'input') return await measureInput(task, engine, seconds)
    const examplesPerSecond = await paceOf(task, engine, request)
    const { weights } = task.network
    return {
      examplesPerSecond,
      parameters: weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
      prepareSeconds,
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
      ...(kind === 'compiled' ? graph : {}),
    } satisfies Answer
  } finally {
    engine.dispose()
  }
}

/** Rows per second of the whole loop (gather, step, losses) after an epoch of warm-up. Validation and checkpoints are not counted. */
async function paceOf(task: EngineWish, engine: Engine, { steps, batch, seconds }: Request): Promise<number> {
  const stop = new AbortController()
  const counted = { steps: 0, ms: 0 }
  let resumed = 0
  const training = trainModel({
    ...task,
    backend: 'bench',
    engine: { ...engine, dispose() {} },
    from: null,
    signal: stop.signal,
    onProgress({ step }) {
      if (step % steps !== 0 || step === steps) return
      counted.steps += steps
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
  return (1000 * counted.steps * batch) / counted.ms
}

function taskOf(row: Row): EngineWish {
  const { architecture, batch, steps } = row
  const next = architecture.tokens !== undefined
  const classes = Array.from({ length: architecture.outputs }, (_, i) => `class ${i}`)
  const predict: PredictSpec = next ? { task: 'next', column: 'y' } : { task: 'category', column: 'y', classes }
  const { inputs: _inputs, outputs: _outputs, tokens: _tokens, ...model } = architecture
  const train: TrainSpec = {
    model,
    optimizer: { kind: 'adam', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    batch,
    epochs: 1_000_000,
    seed: 1,
    checkpointEvery: 1_000_000_000,
    device: 'any',
  }
  const network = networkOf(architecture)
  return {
    tf,
    backend: info,
    network,
    predict,
    train,
    rows: noise(steps * batch, row),
    validation: noise(1, row),
  }
}

/** Token ids without padding, which would count for nothing; else values and a class. */
function noise(rows: number, { architecture: { inputs: width, outputs, tokens } }: Row): Matrix {
  const random = seededRandom(1)
  const value = tokens === undefined ? random : () => FIRST_ID + Math.floor(random() * (tokens - FIRST_ID))
  const inputs = Float32Array.from({ length: rows * width }, value)
  const labels = Float32Array.from({ length: rows }, () =>
    tokens === undefined ? Math.floor(random() * outputs) : width - 1,
  )
  return { rows, width, inputs, labels }
}
