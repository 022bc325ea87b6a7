// Megabytes over seconds as a small SVG.
import { writeFileSync } from 'node:fs'

const WIDTH = 720
const HEIGHT = 260
const LEFT = 50
const BOTTOM = 36
const TOP = 30

export interface Plot {
  readonly title: string
  readonly samples: readonly { readonly seconds: number; readonly megabytes: number }[]
}

export function writePlot(file: string, { title, samples }: Plot): void {
  const maxSeconds = Math.max(1, ...samples.map(({ seconds }) => seconds))
  const maxMegabytes = Math.ceil(Math.max(400, ...samples.map(({ megabytes }) => megabytes)) / 100) * 100
  const x = (seconds: number): string => (LEFT + (seconds / maxSeconds) * (WIDTH - LEFT - 10)).toFixed(1)
  const y = (megabytes: number): string =>
    (HEIGHT - BOTTOM - (megabytes / maxMegabytes) * (HEIGHT - BOTTOM - TOP)).toFixed(1)
  const rules = Array.from({ length: maxMegabytes / 100 + 1 }, (_, i) => i * 100).map(
    (value) =>
      `<path d="M${LEFT} ${y(value)}H${WIDTH - 10}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(value)}" dy="4" text-anchor="end">${value}</text>`,
  )
  const line = samples.map(({ seconds, megabytes }) => `${x(seconds)},${y(megabytes)}`).join(' ')
  writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>Resident memory over time</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="18" font-size="14">${title}, MB</text>
${rules.join('\n')}
<polyline points="${line}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>
<text x="${LEFT}" y="${HEIGHT - 10}">0 s</text><text x="${WIDTH - 10}" y="${HEIGHT - 10}" text-anchor="end">${maxSeconds.toFixed(0)} s</text>
</svg>
`,
  )
}
