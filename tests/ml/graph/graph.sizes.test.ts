// An entry of a program with −1 in its shapes takes any size there, and is refused where its operations depend on it otherwise.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileProgram, type GraphFunction } from '../../../ml/graph/program.ts'
import { lookUp } from '../../../ml/operations/look-up.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, distanceOf, rounding } from '../tolerance.ts'

const opened = await openTensorflow()

describe.skipIf(opened === null)('any size', () => {
  const { tf } = opened!
  const compile = (f: GraphFunction) => compileProgram(tf, { variables: [], functions: { f } })
  const failureOf = (f: GraphFunction): unknown => {
    try {
      compile(f).dispose()
      return null
    } catch (error) {
      return error
    }
  }

  it('of rows is computed by one entry', () => {
    const product = (x: Tensor, w: Tensor): Tensor => tf.softmax(tf.matMul(tf.reshape(x, [-1, 2]), w as Tensor2D))
    const w = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
    const program = compile({
      inputs: [
        [-1, 4],
        [2, 3],
      ],
      compute: (_, [x, v]) => ({ outputs: [product(x!, v!)] }),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (rows) => {
        const x = tf.range(0, 4 * rows).reshape([rows, 4])
        const [found] = program.call('f', [x, w])
        const expected = product(x, w)
        expect(found!.shape).toEqual(expected.shape)
        expect(distanceOf(found!.dataSync(), expected.dataSync())).toBeLessThan(rounding(CHAIN.operation))
        tf.dispose([x, found!, expected])
      }),
      { numRuns: 10 },
    )
    program.dispose()
  })

  it('grows in the middle of a shape, from nothing', () => {
    const program = compile({
      inputs: [
        [2, -1, 3],
        [2, 1, 3],
      ],
      compute: (_, [cache, each]) => ({ outputs: [tf.concat([cache!, each!], 1)] }),
    })
    let cache: Tensor = tf.zeros([2, 0, 3])
    for (let i = 1; i <= 4; i++) {
      const each = tf.fill([2, 1, 3], i)
      const [next] = program.call('f', [cache, each])
      tf.dispose([cache, each])
      cache = next!
    }
    expect(cache.shape).toEqual([2, 4, 3])
    expect([...tf.slice(cache, [1, 0, 2], [1, 4, 1]).dataSync()]).toEqual([1, 2, 3, 4])
    cache.dispose()
    program.dispose()
  })

  it('is an input of integers too', () => {
    const table = tf.tensor2d([0, 1, 2, 3, 4, 5], [3, 2])
    const program = compile({
      inputs: [[3, 2], { shape: [-1], dtype: 'int32' }],
      compute: (_, [rows, at]) => ({ outputs: [lookUp(tf, rows!, at!)] }),
    })
    const [found] = program.call('f', [table, tf.tensor1d([2, 0, 2, 1], 'int32')])
    expect([...found!.dataSync()]).toEqual([4, 5, 0, 1, 4, 5, 2, 3])
    program.dispose()
  })

  it.each([
    ['written into a tensor', (x: Tensor) => tf.add(x, tf.fill(x.shape, 1))],
    ['known in JavaScript', (x: Tensor) => tf.mul(x, x.shape[0]!)],
    ['what decides on operations', (x: Tensor) => (x.shape[0]! > 2 ? tf.square(x) : x)],
    ['what is sliced by', (x: Tensor) => tf.slice(x, [0, 0], [x.shape[0]! - 1, 2])],
  ] as const)('is refused when it is %s', (_, compute) => {
    const f: GraphFunction = { inputs: [[-1, 2]], compute: (__, [x]) => ({ outputs: [compute(x!)] }) }
    const found = expect.stringContaining('another graph for another number of rows')
    expect(failureOf(f)).toMatchObject({ code: 'GRAPH_UNTRACEABLE', facts: { found } })
  })

  it('leaves out the outputs that nobody wants', () => {
    const f: GraphFunction = {
      inputs: [[-1]],
      compute: (_, [x]) => ({ outputs: [tf.sum(x!), tf.max(x!), tf.min(x!)] }),
    }
    const program = compile(f)
    const x = tf.tensor1d([3, 1, 2])
    const valuesOf = (wanted?: readonly number[]) => program.call('f', [x], wanted).map((each) => each.dataSync()[0])
    expect([valuesOf([2, 0]), valuesOf([1]), valuesOf()]).toEqual([[1, 6], [3], [6, 3, 1]])
    program.dispose()
  })

  it('traces with tensors that stand for variables', () => {
    const before = tf.memory().numTensors
    const weights = tf.tensor1d([2, 5])
    const functions = {
      f: { inputs: [[-1, 2]], compute: ([w]: Tensor[], [x]: Tensor[]) => ({ outputs: [tf.mul(x!, w!)] }) },
    }
    const program = compileProgram(tf, { variables: [[2]], standIns: [weights], functions })
    program.assignTensors([weights])
    weights.dispose()
    const x = tf.ones([3, 2])
    const [found] = program.call('f', [x])
    expect([...found!.dataSync()]).toEqual([2, 5, 2, 5, 2, 5])
    program.assign([Float32Array.of(1, -1)]) // and not what was traced with
    const [after] = program.call('f', [x])
    expect([...after!.dataSync()]).toEqual([1, -1, 1, -1, 1, -1])
    tf.dispose([x, found!, after!])
    program.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
