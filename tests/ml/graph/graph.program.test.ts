// Functions of tensors, traced and run by TensorFlow, give what running them step by step gives; what cannot be traced is refused in words.
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { compileProgram, type GraphFunction } from '../../../ml/graph/program.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, distanceOf, rounding } from '../tolerance.ts'

const opened = await openTensorflow()

describe.skipIf(opened === null)('a compiled program', () => {
  const { tf } = opened!
  const compile = (functions: Record<string, GraphFunction>, variables: number[][] = []) =>
    compileProgram(tf, { variables, functions })
  const single = (inputs: number[][], compute: (...inputs: Tensor[]) => Tensor): GraphFunction => ({
    inputs,
    compute: (_, args) => ({ outputs: [compute(...args)] }),
  })

  it.each([
    ['arithmetic', (a: Tensor) => tf.add(tf.mul(a, 3), tf.scalar(0.5))],
    ['a new axis', (a: Tensor) => tf.expandDims(a, 1)],
    ['a reduction over an axis', (a: Tensor) => tf.sum(a, 1)],
    ['a transposed product', (a: Tensor) => tf.matMul(a as Tensor2D, a as Tensor2D, false, true)],
    ['a reshape and a slice', (a: Tensor) => tf.slice(tf.reshape(a, [3, 2]), [1, 0], [2, 1])],
    ['several outputs of one operation', (a: Tensor) => tf.sub(tf.split(a, 3, 1)[2]!, tf.split(a, 3, 1)[1]!)],
    ['integers and booleans', (a: Tensor) => tf.where(tf.greater(a, 0), tf.cast(tf.cast(a, 'int32'), 'float32'), a)],
    ['a one-hot code', (a: Tensor) => tf.oneHot(tf.cast(tf.abs(tf.reshape(a, [6])), 'int32'), 4).toFloat()],
    ['a gradient', (a: Tensor) => tf.grad((x) => tf.mean(tf.square(tf.softmax(x))))(a)],
  ] as const)('computes %s as eager does', (_, compute) => {
    const input = tf.tensor2d([1.5, -2.25, 3, 0.125, -1, 2], [2, 3])
    const program = compile({ f: single([[2, 3]], compute) })
    const [found] = program.call('f', [input])
    const expected = compute(input)
    expect(found!.shape).toEqual(expected.shape)
    // the library folds and reorders some operations of a graph
    expect(distanceOf(found!.dataSync(), expected.dataSync())).toBeLessThan(rounding(CHAIN.operation))
    program.dispose()
  })

  it('keeps variables between calls and entries', () => {
    const program = compile(
      {
        add: { inputs: [[2]], compute: ([v], [x]) => ({ variables: [tf.add(v!, x!)], outputs: [tf.sum(v!)] }) },
        double: { inputs: [], compute: ([v]) => ({ variables: [tf.mul(v!, 2)], outputs: [tf.scalar(0)] }) },
      },
      [[2]],
    )
    program.assign([Float32Array.of(1, 2)])
    const one = tf.ones([2])
    expect(program.call('add', [one])[0]!.dataSync()[0]).toBe(3) // the sum before the assignment
    program.call('double', [])
    program.call('add', [one])
    expect(program.read()).toEqual([Float32Array.of(5, 7)])
    program.dispose()
  })

  it('assigns all variables from their old values', () => {
    const swap: GraphFunction = { inputs: [], compute: ([a, b]) => ({ variables: [b!, a!], outputs: [tf.scalar(0)] }) }
    const program = compile({ swap }, [[1], [1]])
    program.assign([Float32Array.of(1), Float32Array.of(2)])
    for (let i = 0; i < 101; i++) tf.dispose(program.call('swap', []))
    expect(program.read()).toEqual([Float32Array.of(2), Float32Array.of(1)])
    program.dispose()
  })

  it('holds no tensor of its own', () => {
    const before = tf.memory().numTensors
    const program = compile({ f: single([[2]], (a) => tf.sum(tf.square(a))) })
    const input = tf.ones([2])
    for (let i = 0; i < 5; i++) tf.dispose(program.call('f', [input]))
    program.dispose()
    input.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    ['a value that JavaScript reads', (a: Tensor) => tf.mul(a, a.dataSync()[0]!), /read in JavaScript/],
    ['a number drawn in JavaScript', (a: Tensor) => tf.mul(a, tf.scalar(Math.random())), /another graph each time/],
    ['operations decided by chance', (a: Tensor) => coin(a), /another graph each time/],
  ] as const)('refuses %s', (_, compute, words) => {
    const f = single([[2]], compute as (a: Tensor) => Scalar)
    const error = attempt(() => compile({ f }))
    expect(error).toMatchObject({ code: 'GRAPH_UNTRACEABLE', facts: { found: expect.stringMatching(words) } })
    expect(tf.add(tf.scalar(1), 1).dataSync()[0]).toBe(2) // the backend is as it was
  })

  let flips = 0
  function coin(a: Tensor): Tensor {
    flips += 1
    return flips % 2 === 0 ? tf.square(a) : tf.square(tf.square(a))
  }
})

function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
