// Many requests, a few at a time.

/** Store requests that one caller keeps open at once. */
const PARALLEL_REQUESTS = 16

/** Results of `work` in the order of `items`, `lanes` of them at a time. The first error wins and starts no further work. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  lanes = PARALLEL_REQUESTS,
): Promise<Result[]> {
  const results = new Array<Result>(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      try {
        results[at] = await work(items[at]!)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
  return results
}
