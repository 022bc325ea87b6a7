// Takes turns: at most so many pieces of work run at once, the others wait in order.

/** Runs its argument when there is a free turn. */
export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** `atOnce` pieces of work run side by side; a piece that fails gives its turn back like any other. */
export function createTurns(atOnce: number): TakeTurn {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((start) => waiting.push(start))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // the turn passes on directly, so that nobody can step in between
      if (next === undefined) free++
      else next()
    }
  }
}
