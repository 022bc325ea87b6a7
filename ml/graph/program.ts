// Functions over shared variables, as one TensorFlow graph: traced once, run by the native library without a JavaScript call per operation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs'
import type { Tf } from '../backend.ts'
import { attribute, DATA_TYPES, type Node, nodeDef, savedModel, tensorAttribute } from './graph-def.ts'
import { type NativeBackend, nativeBackend } from './native.ts'
import type { NativeUpdate } from './native-updates.ts'
import { type Placeholder, trace, untraceable } from './tracer.ts'

type Shape = readonly number[]

/** One entry of a program; all tensors are float32. */
export interface GraphFunction {
  /** shapes of the arguments of a call */
  readonly inputs: readonly Shape[]
  /**
   * `variables` in the program's order → values to keep, in the same order (none: all stay; null: this one stays), operations that change
   * variables in place, and results
   */
  compute(
    variables: Tensor[],
    inputs: Tensor[],
  ): {
    readonly variables?: readonly (Tensor | null)[]
    readonly updates?: readonly NativeUpdate[]
    readonly outputs: readonly Tensor[]
  }
}

export interface Program {
  readonly nodes: number
  /** Sets all variables; they live in the library until `dispose`. */
  assign(values: readonly Float32Array[]): void
  /** Copies of all variables. */
  read(): Float32Array[]
  /** Runs one entry. Arguments stay the caller's; so do the results. */
  call(name: string, inputs: readonly Tensor[]): Tensor[]
  dispose(): void
}

const FLOAT = attribute('type', DATA_TYPES.float32)

/**
 * Traces every function and loads them as one graph, since variables are shared only within one session.
 * Throws GRAPH_UNTRACEABLE: see trace; also when two traces differ (a number drawn in JavaScript would be frozen) or the library refuses the graph.
 */
export function compileProgram(
  tf: Tf,
  { variables, functions }: { variables: readonly Shape[]; functions: Readonly<Record<string, GraphFunction>> },
): Program {
  const entries = Object.entries(functions).map(([name, each], i) => {
    const entry = traceFunction(tf, { prefix: `f${i}`, variables, ...each })
    const again = traceFunction(tf, { prefix: `f${i}`, variables, ...each })
    requireSame(name, entry.nodes, again.nodes)
    return [name, { inputs: each.inputs, outputs: entry.outputs, nodes: entry.nodes }] as const
  })
  const nodes = [...variableNodes(variables), ...entries.flatMap(([, entry]) => entry.nodes)]
  const backend = nativeBackend(tf)
  const session = load(backend, nodes)
  const run = (inputs: readonly Tensor[], names: string, outputs: string): Tensor[] =>
    backend.binding
      .runSavedModel(session, backend.getInputTensorIds(inputs), names, outputs)
      .map((metadata) => backend.createOutputTensor(metadata))
  const calls = new Map(
    entries.map(([name, { inputs, outputs }], f) => [
      name,
      { inputs: inputs.map((_, i) => `f${f}/in${i}:0`).join(), outputs: outputs.map((node) => `${node}:0`).join() },
    ]),
  )
  return {
    nodes: nodes.length,
    assign(values) {
      const tensors = values.map((each, i) => tf.tensor(each, [...variables[i]!]))
      tf.dispose([tensors, run(tensors, variables.map((_, i) => `set${i}:0`).join(), 'assigned:0')])
    },
    read() {
      const tensors = run([], '', variables.map((_, i) => `get${i}:0`).join())
      const values = tensors.map((tensor) => Float32Array.from(tensor.dataSync()))
      tf.dispose(tensors)
      return values
    },
    call(name, inputs) {
      const { inputs: names, outputs } = calls.get(name)!
      return run(inputs, names, outputs)
    },
    dispose: () => backend.binding.deleteSavedModel(session),
  }
}

/** Handles, a way to set each variable and to read it. */
function variableNodes(variables: readonly Shape[]): Node[] {
  const nodes = variables.flatMap((size, i): Node[] => {
    const shape = attribute('shape', size)
    return [
      node(`var${i}`, 'VarHandleOp', [], { dtype: FLOAT, shape, shared_name: attribute('string', `var${i}`) }),
      node(`get${i}`, 'ReadVariableOp', [`var${i}`], { dtype: FLOAT }),
      node(`set${i}`, 'Placeholder', [], { dtype: FLOAT, shape }),
      node(`init${i}`, 'AssignVariableOp', [`var${i}`, `set${i}`], { dtype: FLOAT }),
    ]
  })
  const one = tensorAttribute(DATA_TYPES.float32, [], new Uint8Array(new Float32Array([1]).buffer))
  nodes.push(node('one', 'Const', [], { dtype: FLOAT, value: one }))
  nodes.push(node('assigned', 'Identity', ['one', ...variables.map((_, i) => `^init${i}`)], { T: FLOAT }))
  return nodes
}

/** The nodes of one entry: placeholders, reads, what was traced, assignments after the reads, results after the assignments. */
function traceFunction(
  tf: Tf,
  { prefix, variables, inputs, compute }: GraphFunction & { prefix: string; variables: readonly Shape[] },
): { nodes: Node[]; outputs: string[] } {
  const reads = variables.map((shape, i): Placeholder => ({ node: `${prefix}/var${i}`, shape }))
  const args = inputs.map((shape, i): Placeholder => ({ node: `${prefix}/in${i}`, shape }))
  let kept: number[] = []
  let updates: readonly NativeUpdate[] = []
  const { nodes, results } = trace(tf, {
    prefix,
    inputs: [...reads, ...args],
    compute(tensors) {
      const computed = compute(tensors.slice(0, variables.length), tensors.slice(variables.length))
      const values = computed.variables ?? []
      kept = values.flatMap((value, i) => (value === null ? [] : [i]))
      updates = computed.updates ?? []
      return [...kept.map((i) => values[i]!), ...updates.flatMap((update) => update.inputs), ...computed.outputs]
    },
  })
  const refs = [...results]
  const assignments = kept.map((i) =>
    node(`${prefix}/assign${i}`, 'AssignVariableOp', [`var${i}`, refs.shift()!, `^${reads[i]!.node}`], {
      dtype: FLOAT,
    }),
  )
  const changes = updates.map(({ op, variables: changed, inputs: tensors, attributes }, u) => {
    const [handles, afterReads] = [changed.map((i) => `var${i}`), changed.map((i) => `^${reads[i]!.node}`)]
    return node(`${prefix}/update${u}`, op, [...handles, ...refs.splice(0, tensors.length), ...afterReads], attributes)
  })
  const done = [...assignments, ...changes].map(({ name }) => `^${name}`)
  const outputs = refs.map((value, i) => {
    return node(`${prefix}/out${i}`, 'Identity', [value, ...done], { T: FLOAT })
  })
  return {
    nodes: [
      ...reads.map(({ node: name }, i) => node(name, 'ReadVariableOp', [`var${i}`], { dtype: FLOAT })),
      ...args.map(({ node: name, shape }) =>
        node(name, 'Placeholder', [], { dtype: FLOAT, shape: attribute('shape', shape) }),
      ),
      ...nodes,
      ...assignments,
      ...changes,
      ...outputs,
    ],
    outputs: outputs.map(({ name }) => name),
  }
}

function node(name: string, op: string, inputs: readonly string[], attributes: Node['attributes']): Node {
  return { name, op, inputs, attributes }
}

function requireSame(name: string, first: readonly Node[], second: readonly Node[]): void {
  const at = first.findIndex((each, i) => {
    const other = second[i]
    return other === undefined || Buffer.compare(nodeDef(each), nodeDef(other)) !== 0
  })
  if (at === -1 && first.length === second.length) return
  const where = first[at] ?? second[first.length]!
  throw untraceable(`${name} is another graph each time from ${where.name} on (a number drawn in JavaScript?)`)
}

function load({ binding }: NativeBackend, nodes: readonly Node[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-graph-'))
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel(nodes, binding.TF_Version))
    return binding.loadSavedModel(folder, 'serve')
  } catch (error) {
    throw untraceable(`TensorFlow refuses it: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
