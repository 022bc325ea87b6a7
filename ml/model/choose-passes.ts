// A loaded model runs compiled where that pays and agrees with its passes run one by one, else eager. The same model on the same machine always gives the same choice.
import { seededRandom } from '../../core/random.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { BackendInfo } from '../../schemas/model.ts'
import { compiledPasses } from '../graph/compiled-passes.ts'
import type { Stepper } from '../networks/stepper.ts'
import type { Tf } from '../tf.ts'
import { describeDistance, furthest, type Results } from '../training/engine/furthest.ts'
import { eagerPasses, type Passes, type PassParts } from './passes.ts'

/**
 * Largest relative distance (Euclidean, over all values of a kind) that counts as agreement: 7e-6 is the deviation of 4 · 10⁴ roundings that
 * follow each other (tests/ml/tolerance.ts), those of a pass through 40 steps of 1,000 units. Found was about 1e-7.
 */
const TOLERANCE = 1e-5

/** What decides whether compiling pays. */
export interface PassesWish {
  readonly backend: Pick<BackendInfo, 'name'>
  /** serve: answers, and texts that go on; judge: answers, of next tokens their losses. Nothing else is checked, since the library plans each. */
  readonly purpose: 'serve' | 'judge'
  /** rows that will be asked for; Infinity: as many as come */
  readonly rows: number
  /** true: the setting SLUICE_EAGER */
  readonly forceEager?: boolean | undefined
}

export interface ChosenPasses {
  readonly passes: Passes
  /** for the log: why these */
  readonly why: string
}

/** Fewer rows are answered before compiling has paid, see docs/benchmarks/prediction.md. */
const LEAST_ROWS = 2000

/** Takes the weights over. */
export function choosePasses(
  tf: Tf,
  parts: PassParts,
  { backend, purpose, rows, forceEager = false }: PassesWish,
): ChosenPasses {
  const eager = eagerPasses(tf, parts)
  const stay = (why: string): ChosenPasses => ({ passes: eager, why })
  if (backend.name !== 'tensorflow') return stay(`${backend.name} runs no graphs`)
  if (forceEager) return stay('SLUICE_EAGER is set')
  // a few large products: the library takes as long for them in a graph, and for small batches longer
  if (parts.architecture.kind === 'mlp') return stay('a graph makes dense layers no faster')
  if (rows < LEAST_ROWS) return stay(`compiling pays from ${LEAST_ROWS} rows on`)
  try {
    const compiled = tryToCompile(tf, parts)
    return typeof compiled === 'string' ? stay(compiled) : betterOf(tf, parts, { eager, compiled, purpose })
  } catch (error) {
    eager.dispose()
    throw error
  }
}

/** The compiled ones if they agree; the others are freed. */
function betterOf(
  tf: Tf,
  parts: PassParts,
  { eager, compiled, purpose }: { eager: Passes; compiled: Passes; purpose: PassesWish['purpose'] },
): ChosenPasses {
  const [expected, found] = [eager, compiled].map((passes) => trial(tf, parts, passes, purpose))
  const worst = furthest(expected!, found!)
  const agrees = worst.distance <= TOLERANCE // false for NaN
  const words = describeDistance(worst, TOLERANCE)
  const [passes, other] = agrees ? [compiled, eager] : [eager, compiled]
  other.dispose()
  return { passes, why: agrees ? words : `after compiling, ${words}` }
}

/** → the passes, or in words why there are none. */
function tryToCompile(tf: Tf, parts: PassParts): Passes | string {
  try {
    return compiledPasses(tf, parts)
  } catch (error) {
    if (isFailure(error, 'GRAPH_UNTRACEABLE')) return `no graph can be made: ${String(error.facts.found)}`
    throw error
  }
}

/** Rows of the check: one, and more than what was traced, since a graph must not depend on how many there are. */
const [ONE_ROW, MORE_ROWS] = [1, 4] as const
const CHECKED_TOKENS = 3

/** What the passes say of rows drawn from a seed. */
function trial(tf: Tf, { network, architecture }: PassParts, passes: Passes, purpose: PassesWish['purpose']): Results {
  const { inputs, examplesPerRow, targets } = network
  const random = seededRandom(1)
  const { tokens } = architecture
  const value = tokens === undefined ? () => 4 * random() - 2 : () => Math.floor(random() * tokens)
  const drawn = (rows: number) => tf.tensor2d(Float32Array.from({ length: rows * inputs }, value), [rows, inputs])
  return tf.tidy((): Record<string, number[]> => {
    const batches = [ONE_ROW, MORE_ROWS].map(drawn)
    if (targets !== undefined && purpose === 'judge') {
      return { 'the losses': batches.flatMap((x) => [...passes.losses(x).dataSync()]) }
    }
    const answers = batches.flatMap((x) => {
      const asked = Int32Array.from({ length: x.shape[0] }, (_, row) => row * examplesPerRow + (row % examplesPerRow))
      return [...passes.answers(x, targets === undefined ? null : tf.tensor1d(asked, 'int32')).dataSync()]
    })
    const ids = Array.from({ length: CHECKED_TOKENS }, value)
    return { 'the answers': answers, ...(passes.stepper && { 'the steps': stepsOf(tf, passes.stepper, ids) }) }
  })
}

/** Scores after each id. */
function stepsOf(tf: Tf, stepper: Stepper, ids: readonly number[]): number[] {
  let state = stepper.start(1)
  return ids.flatMap((id) => {
    const after = stepper.next(state, tf.tensor1d([id]))
    state = after.state
    return [...after.logits.dataSync()]
  })
}
