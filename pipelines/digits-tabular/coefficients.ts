// An image as ten numbers: its coarsest waves.
import { PIXELS } from '../digits/mnist.ts'

const SIDE = 28

/** Waves across and down, (down, across) with down + across < 4: exactly ten of them. */
export const WAVES: readonly (readonly [down: number, across: number])[] = [
  ...[[0, 0] as const, [0, 1] as const, [0, 2] as const, [0, 3] as const],
  ...[[1, 0] as const, [1, 1] as const, [1, 2] as const],
  ...[[2, 0] as const, [2, 1] as const],
  [3, 0],
]

/** cos(π (pixel + ½) wave / 28), [wave × 28 + pixel] */
const COSINES = Float64Array.from({ length: 4 * SIDE }, (_, i) =>
  Math.cos((Math.PI * ((i % SIDE) + 0.5) * Math.floor(i / SIDE)) / SIDE),
)

/**
 * Coefficients of the discrete cosine transform (DCT-II, Ahmed et al. 1974) in the order of WAVES, divided by the number of pixels and
 * rounded to a thousandth of a grey level. The first one is the mean grey.
 */
export function coefficientsOf(image: Uint8Array): number[] {
  return WAVES.map(([down, across]) => {
    let sum = 0
    for (let row = 0; row < SIDE; row++) {
      let line = 0
      for (let col = 0; col < SIDE; col++) line += image[row * SIDE + col]! * COSINES[across * SIDE + col]!
      sum += line * COSINES[down * SIDE + row]!
    }
    return Math.round((1000 * sum) / PIXELS) / 1000 + 0 // never −0
  })
}
