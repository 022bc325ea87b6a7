// A pipeline with rules of each kind and its events: rows that are kept, set aside, dropped and sent twice, one that does not decode.
import { seededRandom } from '../../core/random.ts'

export interface PlumPipeline {
  readonly topic: string
  readonly rate: number
}

export const PLUMS = 400

/** PLUMS events with ids plum-0 …; of them the first is sent again at the end, plum-1 and plum-2 are too soft, plum-3 has no sugar. */
export function plumEvents(from = 0, count = PLUMS): string {
  const random = seededRandom(11 + from)
  const events = Array.from({ length: count }, (_, i) => {
    const n = from + i
    const [softness, sugar] = [random(), random() * 20]
    const ripe = softness + sugar / 20 > 1
    return { id: `plum-${n}`, softness: n === 1 || n === 2 ? 7 + n : softness, sugar: n === 3 ? null : sugar, ripe }
  })
  const lines = [...events, ...events.slice(0, 1)].map((event) => JSON.stringify(event))
  return `${[...lines, 'not JSON'].join('\n')}\n`
}

export const plumPipeline = ({ topic, rate }: PlumPipeline): string => `// Which plum is ripe?
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, quarantine, split } from 'sluice'

export default definePipeline({
  name: 'plums',
  owner: 'tests',
  source: kafka('${topic}', { format: 'json' }),
  columns: { id: column.id(), softness: column.number(), sugar: column.number(), ripe: column.flag() },
  rules: {
    'softness is a share': quarantine.unless(is.between('softness', 0, 1)),
    'sugar is known': drop.unless(is.present('sugar')),
  },
  features: { softness: encode.standardize(), sugar: encode.standardize() },
  predict: predict.probability('ripe'),
  split: split.byHash('id', { train: 0.6, validate: 0.2, test: 0.2 }),
  train: { model: model.mlp({ hidden: [8] }), optimizer: optimizer.adam({ rate: ${rate} }), batch: 32, epochs: 6, seed: 1 },
  gates: [gate.atLeast('auc', 0.6)],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
  retrain: [],
  serve: { path: '/plums' },
})
`
