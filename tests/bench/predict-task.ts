// Child program of the prediction benchmark: sluice's models, eager or compiled.
import { createInterface } from 'node:readline'
import { seededRandom } from '../../core/random.ts'
import { FIRST_ID } from '../../core/tokens.ts'
import { openBackend } from '../../ml/backend.ts'
import { compiledPasses } from '../../ml/graph/compiled-passes.ts'
import { type Model, modelBy } from '../../ml/model/model.ts'
import { eagerPasses } from '../../ml/model/passes.ts'
import { networkOf } from '../../ml/networks/open.ts'
import { initialWeights } from '../../ml/training/initial-weights.ts'
import type { Case } from './predict-rows.ts'
import { median } from './train-input.ts'

interface Request extends Case {
  readonly variant: 'eager' | 'compiled'
  readonly seconds: number
}

/** Milliseconds of a call, or of a token. */
export interface PredictAnswer {
  /** median */
  readonly ms: number
  /** of the first call, which the library still plans */
  readonly firstMs: number
  /** tracing and loading, without the check against eager */
  readonly prepareMs?: number
}

/** Calls that are not counted; as in peers/predict_pace.py. */
const WARM_UP = 2

const { tf } = await openBackend({ prefer: 'tensorflow', device: 'any' })

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  try {
    process.stdout.write(`${JSON.stringify(measure(request))}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`)
  }
}

function measure(request: Request): PredictAnswer {
  const { architecture, variant, what, tokens } = request
  const network = networkOf(architecture)
  const upload = (specs: typeof network.weights) =>
    initialWeights(specs, 1).map(({ values, shape }) => tf.tensor(values, [...shape]))
  const parts = { architecture, network, head: 'softmax' as const }
  const tensors = { weights: upload(network.weights), averages: upload(network.averages) }
  const startMs = performance.now()
  const passes = (variant === 'eager' ? eagerPasses : compiledPasses)(tf, { ...parts, ...tensors })
  const prepareMs = performance.now() - startMs
  const model = modelBy(tf, parts, { passes, why: variant })
  try {
    const call = what === 'generate' ? () => writeText(model, tokens) : callOf(model, request)
    const { ms, firstMs } = timesOf(call, request.seconds)
    const calls = what === 'generate' ? tokens : 1
    return { ms: ms / calls, firstMs: firstMs / calls, ...(variant === 'compiled' && { prepareMs }) }
  } finally {
    model.dispose()
    if (variant === 'compiled') tf.dispose([...tensors.weights, ...tensors.averages])
  }
}

/** Token ids without padding, or values. */
function callOf(model: Model, { rows, architecture: { inputs, tokens } }: Request): () => unknown {
  const random = seededRandom(1)
  const value = tokens === undefined ? random : () => FIRST_ID + Math.floor(random() * (tokens - FIRST_ID))
  const values = Float32Array.from({ length: rows * inputs }, value)
  return () => model.predict(values)
}

/** One text from its beginning, without the choice of tokens. */
function writeText({ text }: Model, tokens: number): void {
  const reader = text!.reader()
  for (let i = 0; i < tokens; i++) reader.read(FIRST_ID + 1)
  reader.dispose()
}

function timesOf(call: () => unknown, seconds: number): { ms: number; firstMs: number } {
  const times: number[] = []
  let began = Number.POSITIVE_INFINITY
  while (times.length < WARM_UP + 3 || performance.now() - began < 1000 * seconds) {
    const sinceMs = performance.now()
    call()
    times.push(performance.now() - sinceMs)
    if (times.length === WARM_UP) began = performance.now()
  }
  return { firstMs: times[0]!, ms: median(times.slice(WARM_UP)) }
}
