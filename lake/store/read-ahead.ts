// Reads one thing after the other, the next ones being read meanwhile.

export interface ReadAhead<Item, Value> {
  readonly read: (item: Item) => Promise<Value>
  /** reads under way at once, at most */
  readonly atOnce: number
  /** bytes of an item, and of all those under way at most, unless one alone has more */
  readonly bytesOf?: (item: Item) => number
  readonly maxBytes?: number
}

/** The values in the order of the items. The first error ends it, once everything under way has ended. */
export async function* readAhead<Item, Value>(
  items: readonly Item[],
  { read, atOnce, bytesOf = () => 0, maxBytes = Number.POSITIVE_INFINITY }: ReadAhead<Item, Value>,
): AsyncGenerator<Value> {
  const underWay: { readonly bytes: number; readonly value: Promise<Value> }[] = []
  const mayRead = (item: Item): boolean =>
    underWay.length === 0 ||
    (underWay.length < atOnce && underWay.reduce((sum, { bytes }) => sum + bytes, bytesOf(item)) <= maxBytes)
  let next = 0
  try {
    for (let done = 0; done < items.length; done++) {
      while (next < items.length && mayRead(items[next]!)) {
        const item = items[next++]!
        const value = read(item)
        value.catch(() => {}) // it is thrown when its turn comes
        underWay.push({ bytes: bytesOf(item), value })
      }
      yield await underWay.shift()!.value
    }
  } finally {
    await Promise.allSettled(underWay.map(({ value }) => value))
  }
}
