// The loss of next tokens leaves padding out: as if only the other targets were there.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { lossOf } from '../../../ml/losses/loss.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const IDS = 4
const next = lossOf(tf, { predict: { task: 'next', column: 'body' } })
const plain = lossOf(tf, { predict: { task: 'category', column: 'y', classes: ['0', '1', '2', '3'] } })

function measured(loss: typeof next, logits: readonly number[][], y: readonly number[]) {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((z) => loss(z as Tensor2D, tf.tensor1d([...y]) as Tensor1D))(
      tf.tensor2d(logits as number[][], [y.length, IDS]),
    )
    return { value: value.dataSync()[0]!, grad: [...grad.dataSync()].map((x) => x + 0) }
  })
}

const score = fc.integer({ min: -20, max: 20 }).map((x) => x / 4)
const example = fc.tuple(fc.array(score, { minLength: IDS, maxLength: IDS }), fc.nat(IDS - 1))

it('padding changes neither loss nor gradients', () => {
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 6 }), (examples) => {
      const all = measured(
        next,
        examples.map(([logits]) => logits),
        examples.map(([, y]) => y),
      )
      const real = examples.filter(([, y]) => y !== 0)
      if (real.length === 0) {
        expect(all).toEqual({ value: 0, grad: new Array(examples.length * IDS).fill(0) })
        return
      }
      const alone = measured(
        plain,
        real.map(([logits]) => logits),
        real.map(([, y]) => y),
      )
      expect(all.value).toBeCloseTo(alone.value, 5)
      const counted = all.grad.filter((_, i) => examples[Math.floor(i / IDS)]![1] !== 0)
      counted.forEach((x, i) => {
        expect(x).toBeCloseTo(alone.grad[i]!, 6)
      })
      const padding = all.grad.filter((_, i) => examples[Math.floor(i / IDS)]![1] === 0)
      expect(padding.every((x) => x === 0)).toBe(true)
    }),
  )
})
