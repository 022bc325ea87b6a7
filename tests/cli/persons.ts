// A pipeline about persons and its events, with values that must not be found again.
import { seededRandom } from '../../core/random.ts'

/** `count` events that decode and two that do not; each holds one of `planted`. */
export function personEvents(count: number, planted: readonly string[]): string {
  const random = seededRandom(5)
  const lines = Array.from({ length: count }, (_, i) => {
    const age = Math.round(random() * 60 + 20)
    const name = planted[i % planted.length]
    return JSON.stringify({
      id: `${name}-${i}`,
      email: `${name}.${i}@example.org`,
      age,
      bought: age + random() * 20 > 60,
    })
  })
  const broken = [`{"id":"${planted[0]}"`, JSON.stringify({ id: planted[0], age: planted[1], bought: true })]
  return `${[...lines, ...broken].join('\n')}\n`
}

export const personPipeline = (topic: string): string => `// Who buys?
import { column, definePipeline, encode, kafka, model, optimizer, predict, split } from 'sluice'

export default definePipeline({
  name: 'persons',
  owner: 'tests',
  source: kafka('${topic}', { format: 'json' }),
  columns: {
    id: column.id({ personal: 'hash' }),
    email: column.text({ maxBytes: 100, personal: 'mask' }),
    age: column.number({ min: 0, max: 150 }),
    bought: column.flag(),
  },
  features: { age: encode.standardize() },
  predict: predict.probability('bought'),
  split: split.byHash('id', { train: 0.7, validate: 0.15, test: 0.15 }),
  train: { model: model.mlp({ hidden: [] }), optimizer: optimizer.adam(), batch: 64, epochs: 2, seed: 1 },
  gates: [],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
})
`
