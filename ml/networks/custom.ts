// A network of the user's own: a module of the project, checked by its digest before it runs.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import type { CustomSpec } from '../../schemas/networks.ts'
import type { Network, Pass, Passed } from '../network.ts'
import { addBias } from '../operations/bias.ts'
import { embed } from '../operations/embedding.ts'
import { gelu } from '../operations/gelu.ts'
import { batchNorm, layerNorm } from '../operations/normalize.ts'
import { reluOf } from '../operations/relu.ts'
import { isSameShape } from '../operations/shape.ts'
import { checkWeights, errorOfForward, invalidNetwork as invalid } from './custom-checks.ts'

/** What the data decide, and what `network` of the module is given. */
export interface NetworkSizes {
  /** float32 values of a row */
  readonly inputs: number
  /** scores per example: one per class, or 1 */
  readonly outputs: number
  /** how many different token ids there are, where the features are tokens */
  readonly tokens?: number
}

/** The pieces of sluice's own networks, which compile and have gradients of few operations. */
const PARTS = { embed, addBias, layerNorm, batchNorm, reluOf, gelu } as const

/** What `network` of the module is given beside the sizes, since one file cannot import them. */
export type NetworkParts = typeof PARTS

/** TensorFlow.js takes more than the usual ten frames between an operation and its error: the module's line would be cut off. */
const DEEP_FRAMES = 50

/** What `network` of the module returns: the weights and the forward pass; the rest has defaults. */
export type CustomNetwork = Pick<Network, 'weights'> &
  Partial<Pick<Network, 'averages' | 'examplesPerRow' | 'targets'>> & {
    /** as Network.forward; `averages` may be left out where there are none */
    forward(
      ...args: Parameters<Network['forward']>
    ): Pick<ReturnType<Network['forward']>, 'logits'> & Partial<ReturnType<Network['forward']>>
  }

/**
 * Imports the module from the project's folder. Throws MODEL_FILE_CHANGED when it is not the one that the plan or the model names,
 * MODEL_FILE_INVALID when it is missing or exports no usable `network`.
 */
export async function openCustom(spec: CustomSpec, sizes: NetworkSizes, projectDir: string): Promise<Network> {
  const { file, sha256: expected } = spec
  const path = join(projectDir, file)
  const bytes = await readFile(path).catch(() => null)
  if (bytes === null) {
    throw invalid(file, `the module that the plan or the champion was made with in ${projectDir}`, 'no such file')
  }
  const found = sha256(bytes)
  if (found !== expected) throw failure('MODEL_FILE_CHANGED', { file, expected, found })
  // the digest in the address: a process that saw an earlier version of the file imports it anew
  const module = await import(`${pathToFileURL(path).href}?${expected}`).catch((error: unknown) => {
    throw failure('MODEL_FILE_INVALID', { file, expected: 'a module that loads', found: String(error) }, error)
  })
  const { network } = module as { network?: unknown }
  if (typeof network !== 'function') throw invalid(file, 'export function network(sizes)', typeof network)
  return checked(
    file,
    sizes,
    madeBy(file, () => network(sizes, PARTS) as CustomNetwork),
  )
}

function madeBy(file: string, network: () => CustomNetwork): CustomNetwork {
  try {
    return network()
  } catch (error) {
    throw invalid(file, 'network(sizes) that returns', String(error), error)
  }
}

function checked(file: string, { inputs, outputs }: NetworkSizes, made: CustomNetwork): Network {
  if (!Array.isArray(made?.weights)) throw invalid(file, 'a network with a list of weights', typeof made?.weights)
  if (typeof made.forward !== 'function') throw invalid(file, 'a network with forward(tf, pass)', typeof made.forward)
  const { weights, averages = [], examplesPerRow = 1, targets } = made
  checkWeights(file, [...weights, ...averages])
  return {
    inputs,
    outputs,
    examplesPerRow,
    weights,
    averages,
    ...(targets && { targets }),
    forward(tf, pass: Pass) {
      const { logits, averages: moved = [] } = passedBy(file, () => made.forward(tf, pass))
      const expected = [pass.x.shape[0] * examplesPerRow, outputs]
      if (logits === undefined) throw invalid(file, `{ logits } of shape [${expected}] from forward`, 'no logits')
      if (!isSameShape(logits.shape, expected)) throw invalid(file, `logits [${expected}]`, `[${logits.shape}]`)
      return { logits, averages: moved }
    },
  }
}

function passedBy(file: string, forward: () => ReturnType<CustomNetwork['forward']>): Partial<Passed> {
  const frames = Error.stackTraceLimit
  Error.stackTraceLimit = DEEP_FRAMES
  try {
    return forward() ?? {}
  } catch (error) {
    throw errorOfForward(file, error)
  } finally {
    Error.stackTraceLimit = frames
  }
}
