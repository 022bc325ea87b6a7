// Tickets put together from a few phrases, to have something to try: nobody wrote them.
import { type DemoEvent, type DemoOptions, deriveSeed, type Random, seededRandom } from 'sluice'

const EVENTS = 1_200
const TEAMS = ['billing', 'delivery', 'account'] as const
/** One in so many was sorted to a wrong team. */
const MISTAKES = 0.05

const GREETINGS = ['hello', 'good morning', 'dear team', 'hi there', 'to whom it may concern']
const ABOUT = {
  billing: ['the invoice is wrong', 'my card was charged twice', 'I want the money back', 'the price is too high'],
  delivery: ['the parcel has not arrived', 'it came broken', 'the courier went away', 'where is my order'],
  account: ['I cannot log in', 'the password does not work', 'please change my address', 'delete my profile'],
}
const ENDINGS = ['please help', 'thank you', 'this is urgent', 'I wait for an answer', 'best wishes']
/** What people write about since the second batch. */
const LATER = { billing: 'the voucher is refused', delivery: 'the locker stays shut', account: 'the code never comes' }

/** The first batch; later ones hold phrases that it does not. The same options give the same events. */
export function* events({ batch, count = EVENTS, seed }: DemoOptions): Iterable<DemoEvent> {
  const random = seededRandom(deriveSeed(seed, `batch ${batch}`))
  for (let i = 0; i < Math.min(count, EVENTS); i++) {
    const id = `ticket-${batch}-${i}`
    const about = pick(TEAMS, random)
    const phrases = batch === 1 ? ABOUT[about] : [...ABOUT[about], LATER[about]]
    const text = `${pick(GREETINGS, random)}, ${pick(phrases, random)}, ${pick(ENDINGS, random)}`
    const team = random() < MISTAKES ? pick(TEAMS, random) : about
    yield { key: id, value: JSON.stringify({ id, text, team }) }
  }
}

const pick = <T>(values: readonly T[], random: Random): T => values[Math.floor(random() * values.length)]!
