// Megabytes over seconds as a small SVG.
import { writeFileSync } from 'node:fs'

const WIDTH = 720
const HEIGHT = 260
const LEFT = 50
const RIGHT = 10
const BOTTOM = 36
const TOP = 30
const COLOURS = ['#1f6feb', '#bf5700', '#2da44e', '#8250df']
/** points of a line: the highest of each group of samples, so that no peak is lost */
const MAX_POINTS = 360
/** the axis reaches at least so far */
const MIN_MEGABYTES = 400

export interface Series {
  readonly name: string
  readonly samples: readonly { readonly seconds: number; readonly megabytes: number }[]
}

export interface Plot {
  readonly title: string
  /** at most four */
  readonly series: readonly Series[]
}

export function writePlot(file: string, { title, series }: Plot): void {
  const all = series.flatMap(({ samples }) => samples)
  const maxSeconds = Math.max(1, ...all.map(({ seconds }) => seconds))
  const maxMegabytes = Math.ceil(Math.max(MIN_MEGABYTES, ...all.map(({ megabytes }) => megabytes)) / 100) * 100
  const x = (seconds: number): string => (LEFT + (seconds / maxSeconds) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = (megabytes: number): string =>
    (HEIGHT - BOTTOM - (megabytes / maxMegabytes) * (HEIGHT - BOTTOM - TOP)).toFixed(1)
  const rules = Array.from({ length: maxMegabytes / 100 + 1 }, (_, i) => i * 100).map(
    (value) =>
      `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(value)}" dy="4" text-anchor="end">${value}</text>`,
  )
  const lines = series.map(({ samples }, i) => {
    const points = peaksOf(samples)
      .map(({ seconds, megabytes }) => `${x(seconds)},${y(megabytes)}`)
      .join(' ')
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[i]}" stroke-width="1.2"/>`
  })
  const names = series.map(
    ({ name }, i) =>
      `<text x="${LEFT + 60 + i * 140}" y="${HEIGHT - 10}" fill="${COLOURS[i]}">${series.length > 1 ? name : ''}</text>`,
  )
  writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>Resident memory over time</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="18" font-size="14">${title}, MB</text>
${[...rules, ...lines, ...names].join('\n')}
<text x="${LEFT}" y="${HEIGHT - 10}">0 s</text><text x="${WIDTH - RIGHT}" y="${HEIGHT - 10}" text-anchor="end">${maxSeconds.toFixed(0)} s</text>
</svg>
`,
  )
}

function peaksOf(samples: Series['samples']): Series['samples'] {
  const size = Math.ceil(samples.length / MAX_POINTS)
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size).reduce((a, b) => (b.megabytes > a.megabytes ? b : a)),
  )
}
