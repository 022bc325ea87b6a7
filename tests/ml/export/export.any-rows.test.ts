// Two traces become one graph for any number of rows only where −1 means what the traces did.
import { describe, expect, it } from 'vitest'
import { anyRows, type TraceOfRows } from '../../../ml/export/any-rows.ts'
import { messageOf } from '../../../ml/export/attribute-json.ts'
import { attribute, DATA_TYPES, type Node, tensorAttribute } from '../../../ml/graph/graph-def.ts'

/** x → an operation that reads `sizes`. `input`: shape of what it works on; `output`: of its result. */
function trace(rows: number, how: { op: string; sizes: number[]; input: number[]; output?: number[] }): TraceOfRows {
  const { op, sizes, input, output = sizes } = how
  const content = new Uint8Array(Int32Array.from(sizes).buffer)
  const value = tensorAttribute(DATA_TYPES.int32, [sizes.length], content)
  const inputs = op === 'Slice' ? ['x', 'begin', 'sizes'] : ['x', 'sizes']
  const nodes: Node[] = [
    { name: 'x', op: 'Placeholder', inputs: [], attributes: { shape: attribute('shape', input) } },
    { name: 'sizes', op: 'Const', inputs: [], attributes: { value } },
    { name: 'y', op, inputs, attributes: {} },
  ]
  return {
    nodes,
    rows,
    shapes: new Map([
      ['x', input],
      ['y', output],
    ] as const),
  }
}

function sizesOf(nodes: readonly Node[] | null): number[] | null {
  if (nodes === null) return null
  const { tensor } = messageOf(nodes.find(({ name }) => name === 'sizes')!.attributes.value!)
  return [...new Int32Array(Uint8Array.from(tensor!.tensorContent).buffer)]
}

const merge = (op: string, few: number[], more: number[], per: { input: number } = { input: 1 }) =>
  sizesOf(
    anyRows(
      trace(5, { op, sizes: few, input: [5 * per.input, 3] }),
      trace(7, { op, sizes: more, input: [7 * per.input, 3] }),
    ),
  )

describe('two traces', () => {
  it.each([
    ['the rows', [5, 3], [7, 3], [-1, 3]],
    ['a multiple of them', [20, 3], [28, 3], [-1, 3]],
    ['the rows in the middle', [3, 5, 2], [3, 7, 2], [3, -1, 2]],
    ['no rows', [15, 1], [15, 1], [15, 1]],
    ['the rows and one more', [6, 3], [8, 3], null],
    ['the rows twice', [5, 5], [7, 7], null],
  ])('agree on a shape with %s', (_, few, more, expected) => {
    expect(merge('Reshape', few, more)).toEqual(expected)
  })

  it('agree on a slice of all rows', () => {
    expect(merge('Slice', [5, 2], [7, 2])).toEqual([-1, 2])
    expect(merge('Slice', [5, 2], [7, 2], { input: 2 })).toBeNull() // the first half of twice as many
  })

  it('agree only where −1 is understood', () => {
    expect(merge('Fill', [5, 3], [7, 3])).toBeNull()
    expect(merge('Tile', [5, 3], [7, 3])).toBeNull()
  })

  it('keep what a reshape made of its own −1', () => {
    const few = trace(5, { op: 'Reshape', sizes: [5, -1], input: [5, 3, 2], output: [5, 6] })
    const more = trace(7, { op: 'Reshape', sizes: [7, -1], input: [7, 3, 2], output: [7, 6] })
    expect(sizesOf(anyRows(few, more))).toEqual([-1, 6])
  })

  it('must be of the same operations', () => {
    const few = trace(5, { op: 'Reshape', sizes: [5, 3], input: [5, 3] })
    const more = trace(7, { op: 'Reshape', sizes: [7, 3], input: [7, 3] })
    expect(anyRows(few, { ...more, nodes: more.nodes.slice(0, 2) })).toBeNull()
    const renamed = more.nodes.map((node) => (node.op === 'Reshape' ? { ...node, op: 'Other' } : node))
    expect(anyRows(few, { ...more, nodes: renamed })).toBeNull()
  })
})
