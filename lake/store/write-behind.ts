// Writes go on behind the work that makes what is written, a few at a time.

export interface WriteBehind {
  /** Begins `write`, after waiting until one of those before has ended where too many are under way. Throws the first error of any before. */
  begin(write: () => Promise<void>): Promise<void>
  /** Waits for all. Throws the first error. */
  settle(): Promise<void>
}

export function writeBehind(atOnce: number): WriteBehind {
  const underWay = new Set<Promise<void>>()
  let failed: { readonly error: unknown } | null = null
  const throwIfFailed = (): void => {
    if (failed !== null) throw failed.error
  }
  return {
    async begin(write) {
      while (underWay.size >= atOnce) await Promise.race(underWay)
      throwIfFailed()
      const ended = write()
        .catch((error: unknown) => {
          failed ??= { error }
        })
        .finally(() => underWay.delete(ended))
      underWay.add(ended)
    },
    async settle() {
      await Promise.all(underWay)
      throwIfFailed()
    },
  }
}
