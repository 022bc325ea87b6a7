// From the plan's words about a model to the network that they mean.
import type { ModelSpec, PredictSpec } from '../../schemas/plan.ts'
import type { Network } from '../network.ts'
import { mlp } from './mlp.ts'

/** A model's kind and settings with the sizes that its data decide; stored beside the weights. */
export type Architecture = ModelSpec & {
  /** float32 values of a row */
  readonly inputs: number
  /** one per class, or 1 */
  readonly outputs: number
}

export function architectureOf(model: ModelSpec, inputs: number, predict: PredictSpec): Architecture {
  return { ...model, inputs, outputs: predict.task === 'category' ? predict.classes.length : 1 }
}

/** The same architecture gives the same network. */
export async function openNetwork(architecture: Architecture): Promise<Network> {
  return networkOf(architecture)
}

/** The networks that sluice brings along. */
export function networkOf(architecture: Architecture): Network {
  switch (architecture.kind) {
    case 'mlp':
      return mlp(architecture, architecture)
  }
}
