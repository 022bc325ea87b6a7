// The learning rate of each step: warm-up, then constant or falling. Follows from the position alone, so that a resumed run agrees.
import type { DecaySpec, OptimizerSpec } from '../../schemas/plan.ts'
import { power } from './adam.ts'

export interface RatePosition {
  /** 0 for the first */
  readonly step: number
  /** of the whole plan, should no patience end it */
  readonly totalSteps: number
  /** validation losses of the epochs done, first to last */
  readonly validationLosses: readonly number[]
}

/** rate × (step + 1) / warmup while warming up; the decay begins where the warm-up ends. */
export function scheduledRate(spec: Pick<OptimizerSpec, 'rate' | 'warmup' | 'decay'>, position: RatePosition): number {
  const { rate, warmup = 0, decay } = spec
  if (position.step < warmup) return (rate * (position.step + 1)) / warmup
  if (decay === undefined) return rate
  const { step, totalSteps } = position
  return decayed(rate, decay, { ...position, step: step - warmup, totalSteps: totalSteps - warmup })
}

function decayed(rate: number, decay: DecaySpec, { step, totalSteps, validationLosses }: RatePosition): number {
  switch (decay.kind) {
    case 'cosine': {
      const share = Math.min(1, step / Math.max(1, totalSteps))
      return decay.to + ((rate - decay.to) * (1 + Math.cos(Math.PI * share))) / 2
    }
    case 'step':
      return rate * power(decay.factor, Math.floor(step / decay.steps))
    case 'plateau':
      return rate * power(decay.factor, plateaus(validationLosses, decay.patience))
  }
}

/** How often `patience` epochs in a row brought nothing better than the best before; the count begins anew after each. */
function plateaus(losses: readonly number[], patience: number): number {
  let [best, waited, count] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const loss of losses) {
    if (loss < best) [best, waited] = [loss, 0]
    else waited += 1
    if (waited === patience) [waited, count] = [0, count + 1]
  }
  return count
}
