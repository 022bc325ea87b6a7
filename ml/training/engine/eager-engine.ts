// The engine that runs each operation by itself: works on every backend, and is what the compiled one is compared with.
import type { Tensor } from '@tensorflow/tfjs'
import type { Weight } from '../../network.ts'
import { keptOf } from '../../optimizers/optimizer.ts'
import { type Feed, pickBatch, pickHyper } from '../input/feed.ts'
import { meanLoss } from '../validation.ts'
import { type Engine, type EngineOptions, partsOf } from './engine.ts'
import { createAccumulatedStep, createStep, evaluatedLoss, inScope, type ModelState } from './step.ts'

export function eagerEngine(options: EngineOptions): Engine {
  const { tf, network } = options
  const parts = partsOf(options)
  const { optimizer } = parts
  let model: ModelState = { weights: [], averages: [], slots: [] }
  const stepOfOne = createStep(tf, parts)
  const stepOfMany = createAccumulatedStep(tf, parts)
  const upload = (weights: readonly Weight[]): Tensor[] =>
    weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const replace = (next: ModelState): void => {
    tf.dispose(tensorsOf(model))
    model = next
  }
  const slot = (s: number): Tensor[] => model.slots.map((slots) => slots[s]!)
  const bySlot = (): Tensor[][] => optimizer.slots.map((_, s) => slot(s))
  return {
    kind: 'eager',
    form: { steps: 1, held: false }, // picking a step out of more would be operations of their own
    load({ weights, averages, slots }) {
      const each = slots.map(upload)
      replace({
        weights: upload(weights),
        averages: upload(averages),
        slots: weights.map((_, i) => each.map((of) => of[i]!)),
      })
    },
    step({ stacks, hyper: hypers, indices }: Feed, index) {
      const at = indices[index]!
      const { state, loss, norm } = inScope(tf, () => {
        const [batches, hyper] = [stacks.map((stack) => pickBatch(tf, stack, at, null)), pickHyper(tf, hypers, at)]
        return batches.length === 1 ? stepOfOne(model, batches[0]!, hyper) : stepOfMany(model, batches, hyper)
      })
      replace(state)
      return { loss, norm }
    },
    read: async () => ({
      weights: await download(model.weights, network.weights),
      averages: await download(model.averages, network.averages),
      slots: await Promise.all(bySlot().map((tensors) => download(tensors, network.weights))),
    }),
    validationLoss: (rows) =>
      meanLoss(tf, rows, (x, y) =>
        evaluatedLoss(tf, parts, {
          weights: keptOf(optimizer, model.weights, bySlot()),
          averages: model.averages,
          x,
          y,
        }),
      ),
    dispose: () => replace({ weights: [], averages: [], slots: [] }),
  }
}

async function download(tensors: readonly Tensor[], specs: readonly Omit<Weight, 'values'>[]): Promise<Weight[]> {
  return await Promise.all(
    tensors.map(async (tensor, i) => ({
      name: specs[i]!.name,
      shape: specs[i]!.shape,
      values: Float32Array.from(await tensor.data()),
    })),
  )
}

function tensorsOf({ weights, averages, slots }: ModelState): Tensor[] {
  return [...weights, ...averages, ...slots.flat()]
}
