// Compiled where that works and agrees with the eager engine, else eager. The same inputs on the same machine always give the same choice.
import { isFailure } from '../../../schemas/failures.ts'
import type { BackendInfo } from '../../../schemas/model.ts'
import { compiledEngine } from '../../graph/compiled-engine.ts'
import { needOfStep, outOfMemory } from '../../out-of-memory.ts'
import { feedForm } from '../input/feeder.ts'
import type { Matrix } from '../input/matrix.ts'
import { chunkSizes } from '../input/matrix.ts'
import { type Agreement, compareEngines, TOLERANCE } from './agreement.ts'
import { eagerEngine } from './eager-engine.ts'
import { type Engine, type EngineOptions, type FeedForm, partSize, partSizes } from './engine.ts'
import { describeDistance } from './furthest.ts'

export interface ChosenEngine {
  readonly engine: Engine
  /** for the log: why this one */
  readonly why: string
}

export interface EngineWish extends EngineOptions {
  readonly backend: Pick<BackendInfo, 'name'>
  readonly rows: Matrix
  readonly validation: Matrix
  /** how the compiled engine gets its rows; default: see feedForm */
  readonly form?: FeedForm
  /** true: the setting SLUICE_EAGER */
  readonly forceEager?: boolean
}

/**
 * A resumed training must go on with the engine it began with: this decides from the plan, the data and the seed, never from a checkpoint.
 * Throws OUT_OF_MEMORY: it takes the first steps.
 */
export async function chooseEngine(options: EngineWish): Promise<ChosenEngine> {
  const eager = eagerEngine(options)
  if (options.backend.name !== 'tensorflow') return { engine: eager, why: `${options.backend.name} runs no graphs` }
  if (options.forceEager) return { engine: eager, why: 'SLUICE_EAGER is set' }
  try {
    return await chooseBySteps(options, eager)
  } catch (error) {
    throw outOfMemory(error, needOfStep(options.train)) ?? error
  }
}

async function chooseBySteps(options: EngineWish, eager: Engine): Promise<ChosenEngine> {
  const compiled = tryToCompile(options)
  if (typeof compiled === 'string') return { engine: eager, why: compiled }
  const agreement = await compareEngines(options, eager, compiled)
  const [engine, other] = agreement.agree ? [compiled, eager] : [eager, compiled]
  other.dispose()
  return { engine, why: explain(agreement) }
}

function explain(agreement: Agreement): string {
  if (agreement.identical) return 'compiled: the first steps equal the eager ones bit for bit'
  const found = describeDistance(agreement, TOLERANCE)
  return agreement.agree ? `compiled: ${found}` : `eager: after compiling, ${found}`
}

/** → the engine, or in words why there is none. */
function tryToCompile(options: EngineWish): Engine | string {
  const { rows, validation, train, form = feedForm(rows, train) } = options
  const sizes = [
    { steps: form.steps, rows: Math.min(train.batch, rows.rows) },
    { steps: 1, rows: rows.rows > train.batch ? rows.rows % train.batch : 0 },
  ].filter((size) => size.rows > 0)
  const feeds = sizes.map((size) => ({ steps: size.steps, stacks: partSizes(size.rows, partSize(train)) }))
  try {
    return compiledEngine(options, { form, rows, feeds, validation: chunkSizes(validation) })
  } catch (error) {
    if (isFailure(error, 'GRAPH_UNTRACEABLE')) return error.message
    throw error
  }
}
