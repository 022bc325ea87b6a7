// Orders that are made up, to have something to try: no real shop, no real customer.
import { type DemoEvent, type DemoOptions, deriveSeed, seededRandom } from 'sluice'

const EVENTS = 2_000
const COUNTRIES = ['de', 'fr', 'it', 'pl']

/** The first batch; in every later one orders are larger. The same options give the same events. */
export function* events({ batch, count = EVENTS, seed }: DemoOptions): Iterable<DemoEvent> {
  const random = seededRandom(deriveSeed(seed, `batch ${batch}`))
  for (let i = 0; i < Math.min(count, EVENTS); i++) {
    const id = `order-${batch}-${i}`
    const country = COUNTRIES[Math.floor(random() * COUNTRIES.length)]!
    const price = Math.round((5 + random() * 195) * (batch === 1 ? 1 : 1.2) * 100) / 100
    const items = 1 + Math.floor(random() * 5)
    const express = random() < 0.3
    // many cheap things come back, and in one country more than elsewhere
    const leaning = 0.9 * items - 0.02 * price + (country === 'de' ? 1.5 : 0) - (express ? 1 : 0)
    const returned = random() < 1 / (1 + Math.exp(-1.5 * leaning))
    yield { key: id, value: JSON.stringify({ id, country, price, items, express, returned }) }
  }
}
