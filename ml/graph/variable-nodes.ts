// The variables of a program as nodes of its graph: handles, ways to set and to read them.
import type { Tensor } from '@tensorflow/tfjs'
import { type Attribute, attribute, DATA_TYPES, type Node, tensorAttribute } from './graph-def.ts'

type Shape = readonly number[]

export const FLOAT = attribute('type', DATA_TYPES.float32)

/** Variables that are set once, right after loading. */
export function constantNodes(constants: readonly Tensor[]): Node[] {
  if (constants.length === 0) return []
  const nodes = constants.flatMap((tensor, i): Node[] => {
    const [dtype, shape] = [typeOf(tensor), attribute('shape', tensor.shape)]
    return [
      node(`held${i}`, 'VarHandleOp', [], { dtype, shape, shared_name: attribute('string', `held${i}`) }),
      node(`give${i}`, 'Placeholder', [], { dtype, shape }),
      node(`take${i}`, 'AssignVariableOp', [`held${i}`, `give${i}`], { dtype }),
    ]
  })
  const given = node('given', 'Identity', ['one', ...constants.map((_, i) => `^take${i}`)], { T: FLOAT })
  return [...nodes, given]
}

export function typeOf({ dtype }: Tensor): Attribute {
  return attribute('type', DATA_TYPES[dtype as 'float32' | 'int32'])
}

/** Handles, a way to set each variable and to read it. */
export function variableNodes(variables: readonly Shape[]): Node[] {
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

export function node(name: string, op: string, inputs: readonly string[], attributes: Node['attributes']): Node {
  return { name, op, inputs, attributes }
}
