// The weights of a trainer of one's own: what it starts from and what it must write, as tensor files in its folder.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainedWeights } from '../../../ml/model/model.ts'
import { packTensors, unpackTensors } from '../../../ml/model/tensor-file.ts'
import type { Weight, WeightSpec } from '../../../ml/network.ts'
import { type Architecture, openNetwork } from '../../../ml/networks/open.ts'
import { isSameShape } from '../../../ml/operations/shape.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import { failure, isFailure } from '../../../schemas/failures.ts'

export interface ExternalWeights {
  readonly specs: readonly { readonly name: string; readonly shape: readonly number[] }[]
  /** absolute path of the first weights */
  readonly initial: string
  /** absolute path of the trained ones */
  readonly output: string
  /** What the program wrote. Throws TRAINER_OUTPUT_INVALID for a missing file, other names or shapes, and values that are no numbers. */
  read(trainer: string): Promise<TrainedWeights>
}

/** Writes the first weights: `start`, or those of the seed. */
export async function openExternalWeights(
  folder: string,
  { architecture, seed, start }: { architecture: Architecture; seed: number; start?: TrainedWeights | undefined },
): Promise<ExternalWeights> {
  const network = await openNetwork(architecture)
  const all = [...network.weights, ...network.averages]
  const [initial, output] = [join(folder, 'initial.bin'), join(folder, 'weights.bin')]
  const first = start === undefined ? initialWeights(all, seed) : [...start.weights, ...start.averages]
  await writeFile(initial, packTensors({ kind: 'weights' }, first))
  return {
    specs: all.map(({ name, shape }) => ({ name, shape })),
    initial,
    output,
    async read(trainer) {
      const refuse = (what: string, expected: unknown, found: unknown) =>
        failure('TRAINER_OUTPUT_INVALID', { trainer, what, expected, found })
      const bytes = await readFile(output).catch(() => null)
      if (bytes === null) throw refuse('output', `a tensor file ${output}`, 'none')
      const tensors = readTensors(Uint8Array.from(bytes), refuse) // a Buffer's slice is no copy
      const chosen = (specs: readonly WeightSpec[]) => specs.map((spec) => weightOf(spec, tensors, refuse))
      const weights = { weights: chosen(network.weights), averages: chosen(network.averages) }
      if (tensors.length !== all.length) throw refuse('output', `${all.length} tensors`, tensors.length)
      return weights
    },
  }
}

type Refuse = (what: string, expected: unknown, found: unknown) => Error

function readTensors(bytes: Uint8Array, refuse: Refuse): readonly Weight[] {
  try {
    return unpackTensors(bytes, 'output').tensors
  } catch (error) {
    if (isFailure(error, 'MODEL_INVALID')) throw refuse('output', error.facts.expected, error.facts.found)
    throw error
  }
}

/** By name: the order in the file does not matter. */
function weightOf({ name, shape }: WeightSpec, tensors: readonly Weight[], refuse: Refuse): Weight {
  const found = tensors.find((tensor) => tensor.name === name)
  if (found === undefined) throw refuse('output', `a tensor ${name}`, tensors.map((tensor) => tensor.name).join(', '))
  if (!isSameShape(found.shape, shape)) throw refuse(`tensor ${name}`, `shape [${shape}]`, `[${found.shape}]`)
  const at = found.values.findIndex((value) => !Number.isFinite(value))
  if (at !== -1) throw refuse(`tensor ${name}`, 'finite values', `${found.values[at]} at ${at}`)
  return found
}
