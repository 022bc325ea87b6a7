// A frozen graph as TensorFlow's SavedModel with a serving signature: one file, no variables.
import { DATA_TYPES, savedModel } from '../graph/graph-def.ts'
import { type FrozenGraph, INPUT, OUTPUT } from './frozen-graph.ts'

/**
 * The content of saved_model.pb. Signature `serving_default`: `inputs` float32 [rows, inputs] → `outputs` float32 [rows, outputs].
 * `libraryVersion`: of the TensorFlow whose operations the graph holds, e.g. "2.21.0".
 */
export function encodeSavedModel({ nodes, rows, inputs, outputs }: FrozenGraph, libraryVersion: string): Uint8Array {
  const tensor = (name: string, size: number) => ({
    tensor: `${name}:0`,
    dataType: DATA_TYPES.float32,
    shape: [rows ?? -1, size],
  })
  const signature = { inputs: { [INPUT]: tensor(INPUT, inputs) }, outputs: { [OUTPUT]: tensor(OUTPUT, outputs) } }
  return savedModel(nodes, libraryVersion, { serving_default: signature })
}
