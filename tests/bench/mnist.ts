// Trains digits-images on MNIST's training images and counts what it reads right of MNIST's own test set: npm run bench mnist
import { readJson, readObject } from '../../lake/store/objects.ts'
import { openBackend } from '../../ml/backend.ts'
import { loadModel } from '../../ml/model/model.ts'
import { readTestDrawings } from '../../pipelines/digits/mnist.ts'
import { events } from '../../pipelines/digits-images/events.ts'
import definition from '../../pipelines/digits-images/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import type { ModelCard } from '../../schemas/model.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

const CLASSES = 10

/** Trains for minutes. */
export async function run(): Promise<void> {
  const ran = await runInMemory({ plan: resolvePipeline(definition), events: events({ batch: 1, seed: 7 }) })
  const card = await readJson<ModelCard>(ran.store, ran.model)
  const { tf, info } = await openBackend({ device: 'any' })
  const model = await loadModel(tf, await readObject(ran.store, card.weights))
  const { pixels, digits } = readTestDrawings()
  const answers = model.predict(Float32Array.from(pixels, (grey) => grey / 255))
  const right = digits.filter(
    (digit, row) => digit === best(answers.subarray(row * CLASSES, (row + 1) * CLASSES)),
  ).length
  const { metrics } = ran.evaluation
  console.log(
    JSON.stringify({ backend: info.version, ms: ran.ms, epochs: card.epochs, bestEpoch: card.bestEpoch, metrics }),
  )
  console.log(`MNIST's test set: ${right} of ${digits.length} right, accuracy ${right / digits.length}`)
}

function best(scores: Float32Array): number {
  return scores.indexOf(Math.max(...scores))
}
