// From the plan's words about a model, and the sizes that its data decide, to the network that they mean.
import { strict as assert } from 'node:assert'
import { failure } from '../../schemas/failures.ts'
import type { ModelSpec } from '../../schemas/networks.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import type { Network } from '../network.ts'
import { convolutional } from './convolutional.ts'
import { openCustom } from './custom.ts'
import { mlp } from './mlp.ts'
import { recurrent } from './recurrent.ts'
import { textClassifier } from './text-classifier.ts'
import { transformer } from './transformer.ts'

/** A model's kind and settings with the sizes that its data decide; stored beside the weights. */
export type Architecture = ModelSpec & {
  /** float32 values of a row */
  readonly inputs: number
  /** scores per example: one per class or token, or 1 */
  readonly outputs: number
  /** how many different token ids the inputs can hold, ids in [0, tokens); absent: they are no tokens */
  readonly tokens?: number
}

/**
 * `inputs`: float32 values of a row; `tokens`: different token ids, where the features are tokens.
 * Throws MODEL_UNFIT when the model cannot read such rows.
 */
export function architectureOf(model: ModelSpec, inputs: number, predict: PredictSpec, tokens?: number): Architecture {
  checkInputs(model, inputs, tokens)
  const outputs = predict.task === 'next' ? tokens! : predict.task === 'category' ? predict.classes.length : 1
  return { ...model, inputs, outputs, ...(tokens === undefined ? {} : { tokens }) }
}

function checkInputs(model: ModelSpec, inputs: number, tokens: number | undefined): void {
  const unfit = (expected: string, found: string | number) =>
    failure('MODEL_UNFIT', { model: model.kind, expected, found })
  switch (model.kind) {
    case 'convolutional': {
      const [height, width, channels] = model.image
      const expected = height * width * channels
      if (inputs !== expected) throw unfit(`${height} × ${width} × ${channels} = ${expected} values`, inputs)
      return
    }
    case 'recurrent':
    case 'transformer':
    case 'textClassifier': {
      if (tokens === undefined) throw unfit('token ids', `${inputs} values that are none`)
      const least = model.kind === 'textClassifier' ? 1 : 2
      if (inputs < least) throw unfit(`rows of at least ${least} token ids`, inputs)
    }
  }
}

/**
 * The same architecture gives the same network. `projectDir`: where the module of a custom one lies; default: the working directory.
 * Throws MODEL_FILE_CHANGED and MODEL_FILE_INVALID for custom ones.
 */
export async function openNetwork(architecture: Architecture, projectDir = process.cwd()): Promise<Network> {
  if (architecture.kind !== 'custom') return networkOf(architecture)
  const { inputs, outputs, tokens } = architecture
  return await openCustom(architecture, { inputs, outputs, ...(tokens === undefined ? {} : { tokens }) }, projectDir)
}

/** The networks that sluice brings along; a custom one must be opened. */
export function networkOf(architecture: Architecture): Network {
  const { inputs, outputs } = architecture
  const tokens = architecture.tokens ?? outputs
  switch (architecture.kind) {
    case 'mlp':
      return mlp(architecture, { inputs, outputs })
    case 'convolutional':
      return convolutional(architecture, outputs)
    case 'recurrent':
      return recurrent(architecture, { inputs, tokens })
    case 'transformer':
      return transformer(architecture, { inputs, tokens })
    case 'textClassifier':
      return textClassifier(architecture, { inputs, outputs, tokens })
    case 'custom':
      return assert.fail(`${architecture.file} is a module: openNetwork imports it`)
  }
}
