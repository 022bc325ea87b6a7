// How large the graph is that training compiles, and how long the library takes to load it: seen where the library is called.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeBackend } from '../../ml/backends/native.ts'
import type { Tf } from '../../ml/tf.ts'

export interface GraphSize {
  nodes: number
  loadSeconds: number
}

/** From now on, what the last loaded graph was. */
export function watchGraphs(tf: Tf): GraphSize {
  const seen: GraphSize = { nodes: 0, loadSeconds: 0 }
  const backend = nativeBackend(tf)
  const { binding } = backend
  const loadSavedModel: typeof binding.loadSavedModel = (folder, tags) => {
    seen.nodes = countNodes(readFileSync(join(folder, 'saved_model.pb')))
    const startMs = performance.now()
    const session = binding.loadSavedModel(folder, tags)
    seen.loadSeconds = (performance.now() - startMs) / 1000
    return session
  }
  // the binding itself is frozen
  Object.assign(backend, { binding: Object.create(binding, { loadSavedModel: { value: loadSavedModel } }) })
  return seen
}

/** SavedModel.meta_graphs (2) → MetaGraphDef.graph_def (2) → GraphDef.node (1), all of them length-delimited. */
function countNodes(model: Buffer): number {
  const graphs = fieldsOf(model, 2).flatMap((meta) => fieldsOf(meta, 2))
  return graphs.reduce((sum, graph) => sum + fieldsOf(graph, 1).length, 0)
}

function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = []
  let at = 0
  const varint = (): number => {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = message[at++]!
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
  while (at < message.length) {
    const tag = varint()
    const [field, wireType] = [Math.floor(tag / 8), tag % 8]
    if (wireType === 0) varint()
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else {
      const end = varint() + at
      if (field === wanted) found.push(message.subarray(at, end))
      at = end
    }
  }
  return found
}
