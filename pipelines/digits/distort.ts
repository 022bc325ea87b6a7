// Turns and dirties an image: what a badly held tablet would send.
import type { Random } from 'sluice'
import { PIXELS } from './mnist.ts'

const SIDE = 28
const CENTRE = (SIDE - 1) / 2
const MAX_TURN_RADIANS = (25 * Math.PI) / 180
/** Grey added to every pixel: uniform in [-AMPLITUDE, AMPLITUDE]. */
const NOISE_AMPLITUDE = 24

/** Rotates by a random angle within ±25°, bilinear, and adds uniform noise; 0 outside the image. */
export function distort(image: Uint8Array, random: Random): Uint8Array {
  const angle = (random() * 2 - 1) * MAX_TURN_RADIANS
  const sine = Math.sin(angle)
  const cosine = Math.cos(angle)
  const turned = new Uint8Array(PIXELS)
  for (let row = 0; row < SIDE; row++) {
    for (let col = 0; col < SIDE; col++) {
      const y = row - CENTRE
      const x = col - CENTRE
      const ink = sample(image, CENTRE + sine * x + cosine * y, CENTRE + cosine * x - sine * y)
      const noise = (random() * 2 - 1) * NOISE_AMPLITUDE
      turned[row * SIDE + col] = Math.min(255, Math.max(0, Math.round(ink + noise)))
    }
  }
  return turned
}

/** Bilinear interpolation at (row, col), in pixels. */
function sample(image: Uint8Array, row: number, col: number): number {
  const top = Math.floor(row)
  const left = Math.floor(col)
  const down = row - top
  const right = col - left
  return (
    (1 - down) * ((1 - right) * pixel(image, top, left) + right * pixel(image, top, left + 1)) +
    down * ((1 - right) * pixel(image, top + 1, left) + right * pixel(image, top + 1, left + 1))
  )
}

function pixel(image: Uint8Array, row: number, col: number): number {
  if (row < 0 || col < 0 || row >= SIDE || col >= SIDE) return 0
  return image[row * SIDE + col]!
}
