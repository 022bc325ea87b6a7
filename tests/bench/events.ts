// The benchmark's events: about 175 bytes of JSON each, the same in every run.
import { seededRandom } from '../../core/random.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'

/** An order of a shop: an id, a time, six numbers of different lengths, a category of 20 values, a label. */
export const EVENT_COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'ts', kind: 'time' },
  ...['f0', 'f1', 'f2', 'f3', 'f4', 'f5'].map((name): ColumnSpec => ({ name, kind: 'number' })),
  { name: 'category', kind: 'category', top: 20 },
  { name: 'label', kind: 'number' },
]

/** The same events as Avro: about 90 bytes each. */
export const EVENT_AVRO = JSON.stringify({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'ts', type: 'long' },
    ...['f0', 'f1', 'f2', 'f3', 'f4', 'f5'].map((name) => ({ name, type: ['null', 'double'] })),
    { name: 'category', type: 'string' },
    { name: 'label', type: ['null', 'int'] },
  ],
})

const CATEGORIES =
  'electronics books garden toys grocery fashion sports beauty auto music pets office travel health baby tools games jewelry kitchen outdoor'.split(
    ' ',
  )

/** Two of the six numbers have all their digits, the others few; 2 % of them are null, as are 0.5 % of the labels. */
export function* benchEvents(count: number): Generator<string> {
  const random = seededRandom(12345)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const hex = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  let ts = 1_760_000_000_000
  for (let i = 0; i < count; i++) {
    ts += Math.floor(random() * 40)
    const numbers = [
      (50 + 10 * normal()).toFixed(2),
      Math.exp(normal()).toFixed(4),
      random().toFixed(6),
      String(-Math.log(1 - random()) * 3),
      String(normal()),
      (random() * random() * 1000).toFixed(3),
    ].map((text, f) => `"f${f}":${random() < 0.02 ? 'null' : Number(text)}`)
    const category = CATEGORIES[Math.floor(20 * random() ** 1.7)]
    const label = random() < 0.005 ? 'null' : random() < 0.13 ? 1 : 0
    yield `{"id":"evt_${hex()}${hex()}","ts":${ts},${numbers.join(',')},"category":"${category}","label":${label}}`
  }
}
