// Deliveries that are made up, to have something to try: no real parcel, no real courier.
import { type DemoEvent, type DemoOptions, deriveSeed, seededRandom } from 'sluice'

const EVENTS = 2_000
const MINUTES_PER_KM = { bike: 4, car: 2.5, van: 3 } as const
const VEHICLES = ['bike', 'car', 'van'] as const

/** The first batch; in every later one the ways are longer. The same options give the same events. */
export function* events({ batch, count = EVENTS, seed }: DemoOptions): Iterable<DemoEvent> {
  const random = seededRandom(deriveSeed(seed, `batch ${batch}`))
  for (let i = 0; i < Math.min(count, EVENTS); i++) {
    const id = `parcel-${batch}-${i}`
    const vehicle = VEHICLES[Math.floor(random() * VEHICLES.length)]!
    const distance = round((0.5 + random() * 14.5) * (batch === 1 ? 1 : 1.2))
    const weight = round(0.1 + random() * 20)
    const rain = random() < 0.25
    const noise = (random() + random() + random() - 1.5) * 8
    const minutes = Math.max(1, round(5 + distance * MINUTES_PER_KM[vehicle] + weight * 0.4 + (rain ? 6 : 0) + noise))
    yield { key: id, value: JSON.stringify({ id, distance, weight, vehicle, rain, minutes }) }
  }
}

const round = (value: number): number => Math.round(value * 10) / 10
