// Two traces of one function with different numbers of rows → one graph for any number, or none where an operation depends on it.
import { attribute, DATA_TYPES, type Node, nodeDef, tensorAttribute } from '../graph/graph-def.ts'
import { messageOf } from './attribute-json.ts'

export interface TraceOfRows {
  readonly nodes: readonly Node[]
  /** node → shape of its first output; of the input as well */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** rows of the input in this trace */
  readonly rows: number
}

/** op → the input that may say "as many as there are" by −1 */
const OPEN_INPUT: Readonly<Record<string, number>> = { Reshape: 1, Slice: 2 }

/**
 * Sizes that grow with the rows become −1 where the operation understands that: the shape of a Reshape, the size of a Slice, a
 * placeholder's first dimension. null: something else differs between the two traces.
 */
export function anyRows(few: TraceOfRows, more: TraceOfRows): readonly Node[] | null {
  if (few.nodes.length !== more.nodes.length) return null
  const merged: Node[] = []
  for (const [i, node] of few.nodes.entries()) {
    const other = more.nodes[i]!
    const open = isSame(node, other) ? node : opened(node, other, { few, more })
    if (open === null) return null
    merged.push(open)
  }
  return merged
}

function isSame(a: Node, b: Node): boolean {
  return Buffer.compare(nodeDef(a), nodeDef(b)) === 0
}

function opened(node: Node, other: Node, { few, more }: { few: TraceOfRows; more: TraceOfRows }): Node | null {
  if (node.op !== other.op || node.name !== other.name || String(node.inputs) !== String(other.inputs)) return null
  if (node.op === 'Placeholder') {
    const [, ...rest] = dimensionsOf(node)
    return { ...node, attributes: { ...node.attributes, shape: attribute('shape', [-1, ...rest]) } }
  }
  if (node.op !== 'Const' || !isOpenInput(node.name, few.nodes)) return null
  const [a, b] = [sizesOf(node, few), sizesOf(other, more)]
  if (a === null || b === null || a.length !== b.length) return null
  const [at, ...others] = a.flatMap((size, i) => (size === b[i] ? [] : [i]))
  // 5k and 7k: the same multiple of the rows
  if (at === undefined || others.length > 0 || a[at]! * more.rows !== b[at]! * few.rows) return null
  if (!slicesWhole(node.name, at, a[at]!, few)) return null
  const sizes = Int32Array.from(a, (size, i) => (i === at ? -1 : size))
  const value = tensorAttribute(DATA_TYPES.int32, [sizes.length], new Uint8Array(sizes.buffer))
  return { ...node, attributes: { ...node.attributes, value } }
}

/** Every user of the constant reads it as sizes of which one may be −1. */
function isOpenInput(constant: string, nodes: readonly Node[]): boolean {
  return nodes.every(({ op, inputs }) => inputs.every((input, i) => input !== constant || OPEN_INPUT[op] === i))
}

/** Every Slice of that size takes the whole dimension, which is what −1 would mean. */
function slicesWhole(constant: string, at: number, size: number, { nodes, shapes }: TraceOfRows): boolean {
  const slices = nodes.filter(({ op, inputs }) => op === 'Slice' && inputs[2] === constant)
  return slices.every(({ inputs }) => shapes.get(inputs[0]!)?.[at] === size)
}

/** What a constant of sizes amounts to: of a Reshape the shape that came out, where a −1 has become a number. null: no int32 tensor. */
function sizesOf({ name, attributes }: Node, { nodes, shapes }: TraceOfRows): readonly number[] | null {
  const reshape = nodes.find(({ op, inputs }) => op === 'Reshape' && inputs[1] === name)
  if (reshape !== undefined) return shapes.get(reshape.name) ?? null
  const tensor = messageOf(attributes.value!).tensor
  if (tensor?.dtype !== DATA_TYPES.int32) return null
  return [...new Int32Array(Uint8Array.from(tensor.tensorContent).buffer)]
}

function dimensionsOf({ attributes }: Node): number[] {
  return (messageOf(attributes.shape!).shape?.dim ?? []).map(({ size }) => Number(size))
}
