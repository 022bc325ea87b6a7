// Pictures that are drawn by this file, to have something to try: crosses, frames and stripes on noise.
import { type DemoEvent, type DemoOptions, deriveSeed, seededRandom } from 'sluice'

const EVENTS = 1_000
const SIDE = 12
const SHAPES = ['cross', 'frame', 'stripes'] as const

/** The first batch; later ones are darker. The same options give the same events. */
export function* events({ batch, count = EVENTS, seed }: DemoOptions): Iterable<DemoEvent> {
  const random = seededRandom(deriveSeed(seed, `batch ${batch}`))
  const brightness = batch === 1 ? 160 : 120
  for (let i = 0; i < Math.min(count, EVENTS); i++) {
    const id = `picture-${batch}-${i}`
    const shape = SHAPES[Math.floor(random() * SHAPES.length)]!
    const size = 5 + Math.floor(random() * 5) // pixels from edge to edge
    const [top, left] = [Math.floor(random() * (SIDE - size)), Math.floor(random() * (SIDE - size))]
    const image = Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const [y, x] = [Math.floor(pixel / SIDE) - top, (pixel % SIDE) - left]
      const isInside = y >= 0 && x >= 0 && y < size && x < size
      return Math.floor((isInside && isDrawn(shape, y, x, size) ? brightness : 0) + random() * 90)
    })
    yield { key: id, value: JSON.stringify({ id, image, shape }) }
  }
}

function isDrawn(shape: (typeof SHAPES)[number], y: number, x: number, size: number): boolean {
  const [last, middle] = [size - 1, Math.floor(size / 2)]
  if (shape === 'cross') return y === middle || x === middle
  if (shape === 'frame') return y === 0 || x === 0 || y === last || x === last
  return y % 2 === 0
}
