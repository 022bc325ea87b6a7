// A proposal → the text of a pipeline file, with a comment wherever it is unsure.
import type { ProposedColumn } from './columns.ts'
import type { Proposal } from './propose.ts'

/** so many neighbouring columns of one word are written as one */
const TOGETHER = 6

/** TypeScript that compiles under strict settings and resolves without a problem. */
export function pipelineFile(proposal: Proposal): string {
  const { name, topic, sample, rows, label, task, id } = proposal
  const text = isText(proposal)
  const words = [
    'column',
    'definePipeline',
    'drop',
    'encode',
    'gate',
    'is',
    'kafka',
    'model',
    'optimizer',
    'predict',
    'split',
    'when',
  ]
  const written = proposal.columns.filter((column) => column.kind !== 'id')
  const groups = groupsOf(written, label)
  const lists = groups.filter((group) => group.names !== null)
  return `// ${question(task, label.name)} Proposed by sluice inspect from ${rows} rows of ${sample}: read every line before you believe it.
import { ${words.join(', ')} } from 'sluice'
${lists.map((group) => `\nconst ${group.names} = [${group.columns.map((column) => quoted(column.name)).join(', ')}] as const\n`).join('')}
export default definePipeline({
  name: ${quoted(name)},
  owner: 'somebody', // who answers for the model
  source: kafka(${quoted(topic)}, { format: 'json' }),
  columns: {
${[idLines(proposal), ...groups.map(columnLines)].join('\n')}
  },${proposal.leftOut.map((why) => `\n  // left out: ${oneLine(why)}`).join('')}
  rules: { 'label is known': drop.unless(is.present(${quoted(label.name)})) },
  features: {
${featureLines(proposal, groups).join('\n')}
  },
  predict: predict.${task}(${quoted(label.name)}),
  split: split.byHash(${quoted(id.name)}, ${sharesOf(rows)}),
  train: {
    model: ${text ? 'model.textClassifier({ embedding: 16 })' : `model.mlp({ hidden: ${rows < 500 ? '[]' : '[32]'} })`},${text || rows >= 500 ? '' : ' // a linear model: so few rows carry no more'}
    optimizer: optimizer.adam({ rate: ${rows < 5_000 ? 0.01 : 0.001} }),
    batch: ${rows < 5_000 ? 32 : 128},
    epochs: ${rows < 5_000 ? 60 : 20},
    patience: 8,
    seed: 7,
  },
  gates: [${gatesOf(proposal)}],
  approval: { ask: 'somebody', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(${Math.max(100, Math.round(rows / 5))})],
})
`
}

const question = (task: Proposal['task'], label: string): string =>
  task === 'number'
    ? `How large will ${label} be?`
    : task === 'probability'
      ? `Will ${label} be true?`
      : `Which ${label} is it?`

const isText = ({ columns, features }: Proposal): boolean =>
  features.length === 1 && columns.find(({ name }) => name === features[0])?.kind === 'text'

interface Group {
  readonly columns: readonly ProposedColumn[]
  /** of the constant that holds their names; null: written one by one */
  readonly names: string | null
}

/** Neighbours of the same word in one group, where there are many. */
function groupsOf(columns: readonly ProposedColumn[], label: ProposedColumn): Group[] {
  const canJoin = (column: ProposedColumn): boolean => column !== label && isPlain(column)
  const runs: ProposedColumn[][] = []
  for (const column of columns) {
    const run = runs.at(-1)
    if (run !== undefined && canJoin(run[0]!) && canJoin(column) && wordOf(run[0]!) === wordOf(column)) run.push(column)
    else runs.push([column])
  }
  let lists = 0
  return runs.flatMap((run): Group[] => {
    if (run.length < TOGETHER) return run.map((column) => ({ columns: [column], names: null }))
    lists++
    return [{ columns: run, names: lists === 1 ? 'measures' : `measures${lists}` }]
  })
}

const isPlain = ({ kind, from }: ProposedColumn): boolean =>
  (kind === 'number' || kind === 'flag') && from === undefined

function wordOf({ kind, options, values, from }: ProposedColumn): string {
  const more = { ...options, ...(from === undefined ? {} : { from }) }
  const written = Object.entries(more).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? quoted(value) : String(value)}`,
  )
  const object = written.length === 0 ? '' : `{ ${written.join(', ')} }`
  if (values === undefined) return `column.${kind}(${object})`
  return `column.category([${values.map(quoted).join(', ')}]${object === '' ? '' : `, ${object}`})`
}

function idLines({ id, columns }: Proposal): string {
  const own = columns.find(({ kind }) => kind === 'id')
  if (own !== undefined) return columnLines({ columns: [own], names: null })
  return `    // no field tells one event from every other: let the producer send one. Until then
    // send --file and test --file number the rows of a table
    ${id.name}: column.id(),`
}

function columnLines({ columns, names }: Group): string {
  if (names !== null) return `    ...column.each(${names}, ${wordOf(columns[0]!)}),`
  const [column] = columns as readonly [ProposedColumn]
  const notes = column.notes.length === 0 ? '' : ` // ${oneLine(column.notes.join('; '))}`
  return `    ${column.name}: ${wordOf(column)},${notes}`
}

const ENCODINGS = {
  number: 'encode.standardize()',
  flag: 'encode.indicator()',
  category: 'encode.oneHot()',
  numbers: 'encode.scale()',
} as const

function featureLines(proposal: Proposal, groups: readonly Group[]): string[] {
  const { features, columns } = proposal
  const byName = new Map(columns.map((column) => [column.name, column]))
  if (isText(proposal)) {
    const { field, name } = byName.get(features[0]!)!
    const length = Math.min(200, Math.max(8, Math.ceil((1.5 * field.words) / field.present)))
    return [
      `    ${name}: encode.words({ vocabulary: 2_000, length: ${length} }), // ${Math.round(field.words / field.present)} words on average`,
    ]
  }
  return groups.flatMap(({ columns: group, names }) => {
    const taken = group.filter(({ name }) => features.includes(name))
    if (taken.length === 0) return group.flatMap(whyNoFeature(proposal))
    if (names !== null && taken.length === group.length) {
      return [`    ...encode.each(${names}, ${ENCODINGS[group[0]!.kind as keyof typeof ENCODINGS]}),`]
    }
    return taken.map(({ name, kind }) => `    ${name}: ${ENCODINGS[kind as keyof typeof ENCODINGS]},`)
  })
}

const whyNoFeature =
  ({ label }: Proposal) =>
  ({ name, kind, field }: ProposedColumn): string[] => {
    if (name === label.name) return []
    const same = field.distinct?.size === 1
    const why = same
      ? 'the same in every row'
      : kind === 'number'
        ? 'names something, measures nothing'
        : `a ${kind} is no feature here`
    return [`    // ${name}: ${why}`]
  }

function sharesOf(rows: number): string {
  return rows < 5_000 ? '{ train: 0.6, validate: 0.15, test: 0.25 }' : '{ train: 0.8, validate: 0.1, test: 0.1 }'
}

/** What guessing reaches is the least that a model must beat. */
function gatesOf({ task, majority }: Proposal): string {
  const lines =
    task === 'number'
      ? [
          "gate.atLeast('r2', 0), // what the mean alone reaches: raise it once you know what is good",
          "gate.notWorse('r2', { by: 0.05 }),",
        ]
      : task === 'probability'
        ? [
            "gate.atLeast('auc', 0.5), // what chance reaches: raise it once you know what is good",
            "gate.notWorse('auc', { by: 0.02 }),",
          ]
        : [
            `gate.atLeast('accuracy', ${floor(majority ?? 0)}), // the most frequent value alone: raise it once you know what is good`,
            "gate.notWorse('accuracy', { by: 0.02 }),",
          ]
  return `\n    ${lines.join('\n    ')}\n  `
}

const floor = (share: number): number => Math.floor(share * 100) / 100

/** What stands in data must not end a comment. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ').slice(0, 160)

/** A literal that is safe for whatever stands in data. */
function quoted(text: string): string {
  const json = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}
