// Frees the memory of columns that nobody reads any more.
import type { Columns } from '../../schemas/columns.ts'

/** Smaller arrays share their memory with others (Node's pool of buffers), or are not worth it. */
const MIN_BYTES = 128 * 1024

/**
 * Gives the memory of large arrays back at once: reading ranges makes little garbage on the heap, so that its collector comes rarely,
 * and megabytes outside the heap wait for it. The columns cannot be used afterwards.
 */
export function freeColumns({ byName }: Columns): void {
  for (const column of Object.values(byName)) {
    for (const array of Object.values(column) as unknown[]) {
      if (!ArrayBuffer.isView(array) || !(array.buffer instanceof ArrayBuffer)) continue
      if (array.byteOffset === 0 && array.buffer.byteLength >= MIN_BYTES) array.buffer.transfer(0)
    }
  }
}
