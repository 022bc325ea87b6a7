// Finds stop strings in a text that arrives in pieces, and holds back what may become one.

export interface StopWatch {
  /** → what is certain to stand before any stop string; stopped: one was completed, nothing follows */
  add(piece: string): { readonly text: string; readonly stopped: boolean }
  /** What was held back, when the text ends. */
  rest(): string
}

export function stopWatch(stop: readonly string[]): StopWatch {
  let held = ''
  return {
    add(piece) {
      held += piece
      const at = firstOf(held, stop)
      if (at !== -1) {
        const text = held.slice(0, at)
        held = ''
        return { text, stopped: true }
      }
      const certain = held.length - longestBeginning(held, stop)
      const text = held.slice(0, certain)
      held = held.slice(certain)
      return { text, stopped: false }
    },
    rest: () => held,
  }
}

function firstOf(text: string, stop: readonly string[]): number {
  const found = stop.map((each) => text.indexOf(each)).filter((at) => at !== -1)
  return found.length === 0 ? -1 : Math.min(...found)
}

/** Length of the longest end of the text with which a stop string begins. */
function longestBeginning(text: string, stop: readonly string[]): number {
  const most = Math.min(text.length, Math.max(0, ...stop.map((each) => each.length - 1)))
  for (let length = most; length > 0; length--) {
    if (stop.some((each) => each.startsWith(text.slice(-length)))) return length
  }
  return 0
}
