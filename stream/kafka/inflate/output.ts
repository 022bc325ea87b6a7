// What is being inflated, and as much of what was inflated before it as copies reach back to: one buffer for a whole batch.

export interface Output {
  readonly bytes: Buffer
  readonly historyBytes: number
  /** [0, start) was taken already, [start, end) was not */
  start: number
  end: number
}

/** With room for so many bytes behind the history. */
export function openOutput(historyBytes: number, roomBytes: number): Output {
  return { bytes: Buffer.allocUnsafeSlow(historyBytes + roomBytes), historyBytes, start: 0, end: 0 }
}

export const roomIn = ({ bytes, end }: Output): number => bytes.length - end

/** What was inflated since the last time, in views of at most so many bytes; then there is room again. */
export function* takeChunks(output: Output, chunkBytes: number): Generator<Buffer, void, undefined> {
  const { bytes, historyBytes, start, end } = output
  for (let at = start; at < end; at += chunkBytes) yield bytes.subarray(at, Math.min(at + chunkBytes, end))
  const kept = Math.min(historyBytes, end)
  bytes.copyWithin(0, end - kept, end)
  output.start = kept
  output.end = kept
}

// calls of native copies cost more than short loops
const SHORT_BYTES = 24

/** Appends `length` bytes of `source`; there is room. */
export function putBytes(output: Output, source: Buffer, at: number, length: number): void {
  const { bytes, end } = output
  if (length > SHORT_BYTES) source.copy(bytes, end, at, at + length)
  else for (let i = 0; i < length; i++) bytes[end + i] = source[at + i]!
  output.end = end + length
}

/** Appends `length` bytes from `offset` before the end, which may lie in what is being appended; there is room, and so many bytes. */
export function putCopy(output: Output, offset: number, length: number): void {
  const { bytes, end } = output
  const from = end - offset
  output.end = end + length
  if (length <= SHORT_BYTES) {
    for (let i = 0; i < length; i++) bytes[end + i] = bytes[from + i]!
    return
  }
  // each pass doubles what repeats
  for (let done = 0; done < length; ) {
    const run = Math.min(offset + done, length - done)
    bytes.copyWithin(end + done, from, from + run)
    done += run
  }
}
