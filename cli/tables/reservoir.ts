// Some of many rows, each as likely as any other: files are often sorted by what is to be predicted.
import { seededRandom } from '../../core/random.ts'

const SEED = 7

/** At most `count` rows in their order, the same ones every time (reservoir sampling, Vitter 1985, algorithm R). Reads all of them. */
export async function sampleOf<T>(rows: Iterable<T> | AsyncIterable<T>, count: number): Promise<T[]> {
  const random = seededRandom(SEED)
  const kept: { readonly at: number; readonly row: T }[] = []
  let at = 0
  for await (const row of rows) {
    const slot = at < count ? at : Math.floor(random() * (at + 1))
    if (slot < count) kept[slot] = { at, row }
    at++
  }
  return kept.sort((a, b) => a.at - b.at).map(({ row }) => row)
}
