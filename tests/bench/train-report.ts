// Tables of the training benchmark: medians of the rounds, in Markdown.
import { KERAS } from './train-contestants.ts'
import { type InputCost, median } from './train-input.ts'
import type { Answer } from './train-program.ts'
import type { Row } from './train-rows.ts'

/** All that was measured: by row, then by contestant, one answer a round; an error ends them. */
export interface Measured {
  readonly row: Row
  readonly contestants: Readonly<Record<string, { answers: Answer[]; error?: string }>>
}

/** Examples per second; in brackets the first contestant over this one; at last over the best of Keras' ways. */
export function paceTable(measured: readonly Measured[], names: readonly string[]): string {
  const keras = names.filter((name) => name in KERAS)
  const last = keras.length > 0 && names[0]?.startsWith('sluice') ? ['over the best Keras'] : []
  const lines = measured.map((each) => {
    const medians = names.map((name) => medianOf(each, name, 'examplesPerSecond'))
    const first = medians[0] ?? Number.NaN
    const cells = medians.map((value, i) => {
      if (value === null) return '–'
      return `${number(value)}${i === 0 ? '' : ` (${(first / value).toFixed(2)}×)`}`
    })
    const best = Math.max(...keras.map((name) => medianOf(each, name, 'examplesPerSecond') ?? 0))
    return [titleOf(each.row), ...cells, ...last.map(() => `${(first / best).toFixed(2)}×`)]
  })
  return table(['examples/s', ...names, ...last], lines)
}

/** Seconds before or in the first step, and the sizes of sluice's graphs. */
export function prepareTable(measured: readonly Measured[], names: readonly string[]): string {
  const lines = measured.map((each) => {
    const answers = Object.values(each.contestants).flatMap((one) => one.answers)
    const { nodes, loadSeconds } = answers.find((answer) => answer.nodes !== undefined) ?? {}
    return [
      titleOf(each.row),
      number(answers[0]?.parameters ?? Number.NaN),
      ...names.map((name) => medianOf(each, name, 'prepareSeconds')?.toFixed(2) ?? '–'),
      nodes === undefined ? '–' : number(nodes),
      loadSeconds?.toFixed(2) ?? '–',
    ]
  })
  return table(['seconds to prepare', 'weights', ...names, 'nodes of the graph', 'of this loading it'], lines)
}

export function memoryTable(measured: readonly Measured[], names: readonly string[]): string {
  const lines = measured.map((each) => [
    titleOf(each.row),
    ...names.map((name) => {
      const value = medianOf(each, name, 'peakMegabytes')
      return value === null ? '–' : number(value)
    }),
  ])
  return table(['peak resident memory, MB', ...names], lines)
}

export function inputTable(costs: readonly (InputCost & { readonly row: Row })[]): string {
  const lines = costs.map(({ row, residentMs, moreMs, inputMs }) => [
    titleOf(row),
    ...[residentMs, moreMs, inputMs].map((ms) => ms.toFixed(3)),
    `${((100 * moreMs) / residentMs).toFixed(1)} %`,
  ])
  return table(
    ['ms', 'step on one batch that stays', 'more with gathering and uploading', 'gathering alone', 'share'],
    lines,
  )
}

type Figure = 'examplesPerSecond' | 'prepareSeconds' | 'peakMegabytes'

function medianOf({ contestants }: Measured, name: string, figure: Figure): number | null {
  const answers = contestants[name]?.answers ?? []
  return answers.length === 0 ? null : median(answers.map((answer) => answer[figure]))
}

function titleOf({ title, batch }: Row): string {
  return `${title}, batch ${batch}`
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** The first column to the left, the others to the right. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(line)].join('\n')
}
