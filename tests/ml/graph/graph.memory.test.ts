// Variables of a program live in the library's own memory: it frees them on threads of its own, where JavaScript's must not be touched.
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../../ml/graph/program.ts'
import { openTensorflow } from '../builders.ts'

const opened = await openTensorflow()
const VALUES = 64
/** The library takes an array's memory as it is where it begins at a multiple of so many bytes. */
const ALIGNED_BYTES = 64

describe.skipIf(opened === null)('a variable', () => {
  it('shares no memory with JavaScript', () => {
    const { tf } = opened!
    const program = compileProgram(tf, { variables: [[VALUES]], functions: {} })
    const places = ALIGNED_BYTES / Float32Array.BYTES_PER_ELEMENT
    const memory = new Float32Array(VALUES + places)
    for (let place = 0; place < places; place++) {
      const values = memory.subarray(place, place + VALUES)
      values.fill(place + 1)
      program.assign([values])
      values.fill(-1)
      expect(program.read()[0]).toEqual(new Float32Array(VALUES).fill(place + 1))
    }
    program.dispose()
  })

  it('shares none as a constant either', () => {
    const { tf } = opened!
    const places = ALIGNED_BYTES / Float32Array.BYTES_PER_ELEMENT
    const memory = new Float32Array(VALUES + places)
    for (let place = 0; place < places; place++) {
      const values = memory.subarray(place, place + VALUES)
      values.fill(place + 1)
      const constant = tf.tensor1d(values)
      const program = compileProgram(tf, {
        variables: [],
        constants: [constant],
        functions: { sum: { inputs: [], compute: (_variables, _inputs, [held]) => ({ outputs: [tf.sum(held!)] }) } },
      })
      constant.dispose()
      values.fill(-1)
      const [sum] = program.call('sum', [])
      expect(sum!.dataSync()[0]).toBe(VALUES * (place + 1))
      sum!.dispose()
      program.dispose()
    }
  })

  it('holds no tensor once it is assigned', () => {
    const { tf } = opened!
    const before = tf.memory().numTensors
    const program = compileProgram(tf, { variables: [[VALUES]], functions: {} })
    program.assign([new Float32Array(VALUES)])
    program.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
