// How much was fetched by this process, by kind; told at the end of a set-up.

/** What the bytes were for, e.g. "kafka", "tensorflow" */
export type Kind = string

const fetched = new Map<Kind, number>()

export function countFetched(kind: Kind, bytes: number): void {
  fetched.set(kind, (fetched.get(kind) ?? 0) + bytes)
}

/** Bytes by kind so far; also those that had to be fetched twice. */
export function fetchedBytes(): Readonly<Record<Kind, number>> {
  return Object.fromEntries(fetched)
}
