// Seconds per stage of a demo: measured by name, added up when a name comes twice.
export interface Stopwatch {
  time<T>(name: string, work: () => Promise<T>): Promise<T>
  add(name: string, ms: number): void
  /** seconds since the start, one decimal */
  totalS(): number
  /** name → seconds, one decimal, in order of first use */
  seconds(): Record<string, number>
}

export function startStopwatch(nowMs: () => number = Date.now): Stopwatch {
  const startedMs = nowMs()
  const spentMs = new Map<string, number>()
  const add = (name: string, ms: number) => void spentMs.set(name, (spentMs.get(name) ?? 0) + ms)
  return {
    add,
    async time(name, work) {
      const beganMs = nowMs()
      try {
        return await work()
      } finally {
        add(name, nowMs() - beganMs)
      }
    },
    totalS: () => inSeconds(nowMs() - startedMs),
    seconds: () => Object.fromEntries([...spentMs].map(([name, ms]) => [name, inSeconds(ms)])),
  }
}

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10
