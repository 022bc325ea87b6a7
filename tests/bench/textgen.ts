// Recurrent networks and transformers on textgen at equal time: npm run bench textgen [MINUTES [words]]

import { events } from '../../pipelines/textgen/events.ts'
import characters from '../../pipelines/textgen/pipeline.ts'
import words from '../../pipelines/textgen-full/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { loadVersion } from '../../serving/loader.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

/** More than any budget leaves time for. */
const EPOCHS = 10_000
const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const

type Contestant = Pick<TrainSpec, 'model' | 'optimizer'>

/** The first three have about 0.3 million weights, the last 0.8 million. */
const CONTESTANTS: Readonly<Record<string, Contestant>> = {
  'GRU, 256 units': {
    model: { kind: 'recurrent', cell: 'gru', units: 256, layers: 1, embedding: 64, dropout: 0 },
    optimizer: { ...adam, rate: 3e-3 },
  },
  'LSTM, 224 units': {
    model: { kind: 'recurrent', cell: 'lstm', units: 224, layers: 1, embedding: 64, dropout: 0 },
    optimizer: { ...adam, rate: 3e-3 },
  },
  'transformer, 2 layers of 112': {
    model: { kind: 'transformer', layers: 2, heads: 4, width: 112, dropout: 0 },
    optimizer: { ...adam, rate: 1e-3, warmup: 100 },
  },
  'transformer, 4 layers of 128': {
    model: { kind: 'transformer', layers: 4, heads: 4, width: 128, dropout: 0 },
    optimizer: { ...adam, rate: 1e-3, warmup: 100 },
  },
}

/** Trains each for `minutes` (2) on both batches; prints metrics of the test documents and a text with the same seed. */
export async function run([minutes = '2', unit = 'characters']: readonly string[]): Promise<void> {
  const plan = resolvePipeline(unit === 'words' ? words : characters)
  const both = [1, 2].flatMap((batch) => [...events({ batch, seed: 7 })])
  console.log('| model | steps | bits per character | loss | perplexity |\n|---|---|---|---|---|')
  const texts: string[] = []
  for (const [name, contestant] of Object.entries(CONTESTANTS)) {
    const { patience: _never, ...train } = plan.train
    const budget = { minutes: Number(minutes) }
    const timed = { ...plan, train: { ...train, ...contestant, epochs: EPOCHS, budget } }
    const ran = await runInMemory({ plan: timed, events: both })
    const { store, model: ref, evaluation } = ran
    const model = await loadVersion(store, { pipeline: plan.name, digest: ref.digest, columns: plan.columns })
    const { bitsPerCharacter, loss, perplexity } = evaluation.metrics
    const figures = [model.card.steps, ...[bitsPerCharacter, loss, perplexity].map((value) => value?.toFixed(3))]
    console.log(`| ${name} | ${figures.join(' | ')} |`)
    const pieces = model.generate({
      prompt: 'The whale',
      maxTokens: unit === 'words' ? 60 : 300,
      temperature: 0.7,
      topP: 1,
      repetitionPenalty: 1,
      seed: 7,
      stop: [],
    })
    texts.push(`${name}: The whale${[...pieces].join('')}`)
    model.dispose()
  }
  console.log(`\n${texts.join('\n\n')}`)
}
