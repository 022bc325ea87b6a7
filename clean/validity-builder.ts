// Gathers validity bits of selected rows; the bitmap exists only once a value is missing.
import { isValid, type Validity } from '../schemas/columns.ts'

export interface ValidityBuilder {
  /** Appends the bits of `rows`, which become rows [start, start + rows.length) of the part. */
  append(valid: Validity, rows: Int32Array, start: number): void
  /** The bitmap of `rows` rows with zero bits behind the last; null if nothing is missing. Starts anew. */
  take(rows: number): Validity
}

export function validityBuilder(maxRows: number): ValidityBuilder {
  let bits: Uint8Array | null = null
  return {
    append(valid, rows, start) {
      if (valid === null) {
        if (bits !== null) setBits(bits, start, start + rows.length)
        return
      }
      for (let i = 0; i < rows.length; i++) {
        if (isValid(valid, rows[i]!)) {
          if (bits !== null) setBits(bits, start + i, start + i + 1)
        } else if (bits === null) {
          bits = new Uint8Array((maxRows + 7) >> 3)
          setBits(bits, 0, start + i)
        }
      }
    },
    take(rows) {
      const taken = bits === null ? null : bits.slice(0, (rows + 7) >> 3)
      bits = null
      return taken
    },
  }
}

function setBits(bits: Uint8Array, start: number, end: number): void {
  for (let row = start; row < end; row++) bits[row >> 3]! |= 1 << (row & 7)
}
