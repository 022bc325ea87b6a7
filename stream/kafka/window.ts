// The inflated bytes of a batch that are being read: all of them, or as many as the next record needs.

export interface Window {
  bytes: Buffer
  /** [at, end) is still to be read; what lies outside is of no meaning */
  at: number
  end: number
}

export const windowOf = (bytes: Buffer): Window => ({ bytes, at: 0, end: bytes.length })

/**
 * Adds bytes at the end. What was read makes room; the buffer grows only where the rest with these bytes, or `wanted`
 * bytes in all, have no room in it.
 */
export function append(window: Window, chunk: Buffer, wanted: number): void {
  const { bytes, at, end } = window
  const rest = end - at
  const needed = Math.max(rest + chunk.length, wanted)
  if (at + needed > bytes.length) {
    // with room for one chunk more: the next rest is of another length
    const target = needed <= bytes.length ? bytes : Buffer.allocUnsafeSlow(needed + chunk.length)
    bytes.copy(target, 0, at, end)
    window.bytes = target
    window.at = 0
    window.end = rest
  }
  chunk.copy(window.bytes, window.end)
  window.end += chunk.length
}
