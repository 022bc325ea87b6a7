// Weights that go into a checkpoint are numbers: an update can spoil them before any loss shows it.
import { failure } from '../../schemas/failures.ts'
import type { Weight } from '../network.ts'
import { type Advise, adviseRate } from './advice.ts'
import type { HostState } from './engine/engine.ts'
import { listed, type StepFacts } from './pending-steps.ts'

/** Throws WEIGHTS_NOT_FINITE, which blames the step that made the state. */
export function requireSoundWeights(
  { weights, averages, slots }: HostState,
  {
    by,
    checkpoint,
    describeRows = listed,
    advise = adviseRate,
  }: { by: StepFacts; checkpoint: string; describeRows?: (rows: Int32Array) => string; advise?: Advise },
): void {
  const groups: readonly (readonly [string, readonly Weight[]])[] = [
    ['the weight', weights],
    ['the average', averages],
    ...slots.map((slot) => ["the optimizer's slot of", slot] as const),
  ]
  for (const [group, members] of groups) {
    for (const { name, values } of members) {
      const unsound = firstUnsound(values)
      if (unsound === undefined) continue
      const { step, epoch, rows } = by
      const facts = { step, epoch, rows: describeRows(rows), advice: advise(rows), checkpoint }
      throw failure('WEIGHTS_NOT_FINITE', { ...facts, what: `${group} ${name}`, found: String(unsound) })
    }
  }
}

/** A plain loop: a checkpoint may hold hundreds of millions of values. */
function firstUnsound(values: Float32Array): number | undefined {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return values[i]
  return undefined
}
