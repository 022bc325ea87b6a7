// Compiled where that works and agrees with the eager engine, else eager. The same inputs on the same machine always give the same choice.
import { isFailure } from '../schemas/failures.ts'
import type { BackendInfo } from '../schemas/model.ts'
import { type Agreement, compareEngines, TOLERANCE } from './agreement.ts'
import type { Matrix } from './batches.ts'
import { eagerEngine } from './eager-engine.ts'
import { type Engine, type EngineOptions, partSize, partSizes } from './engine.ts'
import { compiledEngine } from './graph/compiled-engine.ts'
import { chunkSizes } from './validation.ts'

export interface ChosenEngine {
  readonly engine: Engine
  /** for the log: why this one */
  readonly why: string
}

export interface EngineWish extends EngineOptions {
  readonly backend: Pick<BackendInfo, 'name'>
  readonly rows: Matrix
  readonly validation: Matrix
  /** true: the setting SLUICE_EAGER */
  readonly forceEager?: boolean
}

/** A resumed training must go on with the engine it began with: this decides from the plan, the data and the seed, never from a checkpoint. */
export async function chooseEngine(options: EngineWish): Promise<ChosenEngine> {
  const eager = eagerEngine(options)
  if (options.backend.name !== 'tensorflow') return { engine: eager, why: `${options.backend.name} runs no graphs` }
  if (options.forceEager) return { engine: eager, why: 'SLUICE_EAGER is set' }
  const compiled = tryToCompile(options)
  if (typeof compiled === 'string') return { engine: eager, why: compiled }
  const agreement = await compareEngines(options, eager, compiled)
  const [engine, other] = agreement.agree ? [compiled, eager] : [eager, compiled]
  other.dispose()
  return { engine, why: explain(agreement) }
}

function explain({ agree, distance, of, identical }: Agreement): string {
  if (identical) return 'compiled: the first steps equal the eager ones bit for bit'
  const found = `${of} differ by ${distance.toExponential(1)} from eager, allowed is ${TOLERANCE}`
  return agree ? `compiled: ${found}` : `eager: after compiling, ${found}`
}

/** → the engine, or in words why there is none. */
function tryToCompile(options: EngineWish): Engine | string {
  const { rows, validation, train } = options
  const steps = [...new Set([Math.min(train.batch, rows.rows), rows.rows % train.batch])].filter((size) => size > 0)
  const accumulates = (train.accumulate ?? 1) > 1
  const parts = accumulates ? [...new Set(steps.flatMap((size) => partSizes(size, partSize(train))))] : []
  try {
    return compiledEngine(options, { steps: accumulates ? [] : steps, parts, validation: chunkSizes(validation) })
  } catch (error) {
    if (isFailure(error, 'GRAPH_UNTRACEABLE')) return error.message
    throw error
  }
}
