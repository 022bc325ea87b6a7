// Functions over shared variables, as one TensorFlow graph: traced once, run by the native library without a JavaScript call per operation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs'
import { executeTyped, type NativeBackend, nativeBackend } from '../backends/native.ts'
import { anyRows } from '../export/any-rows.ts'
import type { Tf } from '../tf.ts'
import { attribute, DATA_TYPES, type Node, nodeDef, savedModel } from './graph-def.ts'
import type { NativeUpdate } from './native-updates.ts'
import { changing, type Placeholder, type Trace, trace, untraceable } from './tracer.ts'
import { constantNodes, FLOAT, node, typeOf, variableNodes } from './variable-nodes.ts'

type Shape = readonly number[]

/** An argument of a call: a shape alone is of float32. */
export type InputSpec = Shape | { readonly shape: Shape; readonly dtype: 'float32' | 'int32' }

/** One entry of a program; variables and results are float32. */
export interface GraphFunction {
  /** a size of −1: any, but the same one wherever −1 stands */
  readonly inputs: readonly InputSpec[]
  /**
   * `variables` in the program's order → values to keep, in the same order (none: all stay; null: this one stays), operations that change
   * variables in place, and results
   */
  compute(
    variables: Tensor[],
    inputs: Tensor[],
    constants: Tensor[],
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
  /**
   * The same from tensors, which stay the caller's. On a processor the library shares their memory until one side lets go of it: only for
   * variables that no entry changes.
   */
  assignTensors(values: readonly Tensor[]): void
  /** Copies of all variables. */
  read(): Float32Array[]
  /**
   * Runs one entry. Arguments stay the caller's; so do the results. `wanted`: positions of the outputs that are computed and returned, in
   * this order (default: all); one must be wanted.
   */
  call(name: string, inputs: readonly Tensor[], wanted?: readonly number[]): Tensor[]
  dispose(): void
}

/** What −1 is in the two traces that are compared; primes, so that what depends on it can be told from what does not. */
const TRACED_SIZES = [2, 3] as const

/**
 * Traces every function and loads them as one graph, since variables are shared only within one session. `standIns`: tensors that the traces
 * take for the variables, in their order (default: zeros, which are made for each trace). `constants`: large tensors that every entry may read
 * and none changes; the library keeps them, the tensors themselves stay the caller's.
 * Throws GRAPH_UNTRACEABLE: see trace; also when two traces differ (a number drawn in JavaScript would be frozen) or the library refuses the graph.
 */
export function compileProgram(
  tf: Tf,
  {
    variables,
    functions,
    standIns,
    constants = [],
  }: {
    variables: readonly Shape[]
    functions: Readonly<Record<string, GraphFunction>>
    standIns?: readonly Tensor[]
    constants?: readonly Tensor[]
  },
): Program {
  const entries = Object.entries(functions).map(([name, each], i) => {
    const traced = { prefix: `f${i}`, variables, standIns, constants, ...each }
    const anySize = each.inputs.some((input) => shapeOf(input).includes(-1))
    const { nodes, outputs } = anySize ? traceAnySize(tf, name, traced) : traceTwice(tf, traced)
    return [name, { inputs: each.inputs, outputs, nodes }] as const
  })
  const nodes = [
    ...variableNodes(variables),
    ...constantNodes(constants),
    ...entries.flatMap(([, entry]) => entry.nodes),
  ]
  const backend = nativeBackend(tf)
  const session = load(backend, nodes)
  const run = (inputs: readonly Tensor[], names: string, outputs: string): Tensor[] =>
    backend.binding
      .runSavedModel(session, backend.getInputTensorIds(inputs), names, outputs)
      .map((metadata) => backend.createOutputTensor(metadata))
  const calls = new Map(
    entries.map(([name, { inputs, outputs }], f) => [
      name,
      { inputs: inputs.map((_, i) => `f${f}/in${i}:0`).join(), outputs: outputs.map((node) => `${node}:0`) },
    ]),
  )
  if (constants.length > 0) {
    const owned = constants.map((tensor) => ownedCopy(backend, tensor))
    tf.dispose([owned, run(owned, constants.map((_, i) => `give${i}:0`).join(), 'given:0')])
  }
  const assignTensors = (tensors: readonly Tensor[]): void =>
    tf.dispose(run(tensors, variables.map((_, i) => `set${i}:0`).join(), 'assigned:0'))
  return {
    nodes: nodes.length,
    assign(values) {
      const tensors = values.map((each, i) => tf.tensor(each, [...variables[i]!]))
      const owned = tensors.map((tensor) => ownedCopy(backend, tensor))
      assignTensors(owned)
      tf.dispose([tensors, owned])
    },
    assignTensors,
    read() {
      const tensors = run([], '', variables.map((_, i) => `get${i}:0`).join())
      const values = tensors.map((tensor) => Float32Array.from(tensor.dataSync()))
      tf.dispose(tensors)
      return values
    },
    call(name, inputs, wanted) {
      const { inputs: names, outputs } = calls.get(name)!
      return run(inputs, names, (wanted?.map((i) => outputs[i]!) ?? outputs).join())
    },
    dispose: () => backend.binding.deleteSavedModel(session),
  }
}

/**
 * The tensor in the library's own memory. One made of an array may share JavaScript's, and a variable would keep that until the library
 * overwrites it, on a thread of its own: there, giving memory back to JavaScript ends the process.
 */
function ownedCopy(backend: NativeBackend, tensor: Tensor): Tensor {
  return executeTyped(backend, 'DeepCopy', [tensor])
}

interface Wish extends GraphFunction {
  readonly prefix: string
  readonly variables: readonly Shape[]
  readonly standIns: readonly Tensor[] | undefined
  readonly constants: readonly Tensor[]
}

interface Entry {
  readonly nodes: readonly Node[]
  readonly outputs: readonly string[]
  readonly shapes: ReadonlyMap<string, Shape>
  readonly traced: Trace
}

function traceTwice(tf: Tf, wish: Wish): Entry {
  const entry = traceFunction(tf, wish)
  requireSame(entry.nodes, traceFunction(tf, wish, { earlier: entry.traced }).nodes)
  return entry
}

/** One graph from traces of two sizes; what differs between them must follow from the size alone. */
function traceAnySize(tf: Tf, name: string, wish: Wish): Entry {
  const [few, more] = TRACED_SIZES.map((rows) => ({ ...traceFunction(tf, wish, { size: rows }), rows }))
  const nodes = anyRows(few!, more!)
  if (nodes === null) throw untraceable(`${name} is another graph for another number of rows`)
  return { ...few!, nodes }
}

function shapeOf(input: InputSpec): Shape {
  return 'dtype' in input ? input.shape : input
}

/**
 * The nodes of one entry: placeholders, reads, what was traced, assignments after the reads, results after the assignments. `size`: what −1
 * is in this trace; `earlier`: see trace.
 */
function traceFunction(
  tf: Tf,
  { prefix, variables, standIns, constants, inputs, compute }: Wish,
  { size = 1, earlier }: { size?: number; earlier?: Trace } = {},
): Entry {
  const reads = variables.map((shape, i): Placeholder => {
    const value = standIns?.[i]
    return { node: `${prefix}/var${i}`, shape, ...(value && { value }) }
  })
  const args = inputs.map((spec, i): Placeholder => {
    const dtype = 'dtype' in spec ? spec.dtype : 'float32'
    const shape = shapeOf(spec).map((each) => (each === -1 ? size : each))
    return { node: `${prefix}/in${i}`, shape, dtype }
  })
  const held = constants.map((value, i): Placeholder => ({ node: `${prefix}/held${i}`, shape: value.shape, value }))
  let kept: number[] = []
  let updates: readonly NativeUpdate[] = []
  const traced = trace(tf, {
    prefix,
    ...(earlier && { earlier }),
    inputs: [...reads, ...args, ...held],
    compute(tensors) {
      const [inputsAt, heldAt] = [variables.length, variables.length + args.length]
      const computed = compute(tensors.slice(0, inputsAt), tensors.slice(inputsAt, heldAt), tensors.slice(heldAt))
      const values = computed.variables ?? []
      kept = values.flatMap((value, i) => (value === null ? [] : [i]))
      updates = computed.updates ?? []
      return [...kept.map((i) => values[i]!), ...updates.flatMap((update) => update.inputs), ...computed.outputs]
    },
  })
  const refs = [...traced.results]
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
      ...held.map(({ node: name }, i) => node(name, 'ReadVariableOp', [`held${i}`], { dtype: typeOf(constants[i]!) })),
      ...args.map(({ node: name, dtype = 'float32' }, i) => {
        return node(name, 'Placeholder', [], {
          dtype: attribute('type', DATA_TYPES[dtype]),
          shape: attribute('shape', shapeOf(inputs[i]!)),
        })
      }),
      ...traced.nodes,
      ...assignments,
      ...changes,
      ...outputs,
    ],
    outputs: outputs.map(({ name }) => name),
    shapes: new Map([...traced.shapes, ...[...reads, ...args].map(({ node: name, shape }) => [name, shape] as const)]),
    traced,
  }
}

function requireSame(first: readonly Node[], second: readonly Node[]): void {
  const at = first.findIndex((each, i) => {
    const other = second[i]
    return other === undefined || Buffer.compare(nodeDef(each), nodeDef(other)) !== 0
  })
  if (at === -1 && first.length === second.length) return
  throw changing((first[at] ?? second[first.length]!).name)
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
