// A typed array that grows by doubling up to a known maximum and is handed over in exact size.

type NumberArray = Uint8Array | Int32Array | Float32Array | Float64Array

export interface Growable<T extends NumberArray> {
  array: T
  /** elements in use */
  length: number
  readonly maxLength: number
  readonly make: (length: number) => T
}

const FIRST_LENGTH = 1024

export function growable<T extends NumberArray>(maxLength: number, make: (length: number) => T): Growable<T> {
  return { array: make(Math.min(maxLength, FIRST_LENGTH)), length: 0, maxLength, make }
}

/** Adds `extra` elements and returns the index of the first; their content is undefined. */
export function extend<T extends NumberArray>(buffer: Growable<T>, extra: number): number {
  const start = buffer.length
  const needed = start + extra
  if (needed > buffer.array.length) {
    const larger = buffer.make(Math.max(needed, Math.min(buffer.maxLength, buffer.array.length * 2)))
    larger.set(buffer.array.subarray(0, start))
    buffer.array = larger
  }
  buffer.length = needed
  return start
}

/** Hands the used elements over in an array that nothing else refers to, and starts anew. */
export function takeAll<T extends NumberArray>(buffer: Growable<T>): T {
  const full = buffer.length === buffer.array.length
  const taken = full ? buffer.array : (buffer.array.slice(0, buffer.length) as T)
  if (full) buffer.array = buffer.make(buffer.array.length)
  buffer.length = 0
  return taken
}
