// What `sluice diff` says: one line for each fact of two runs, then the words and files that differ.
import type { RunComparison, RunSide } from '../../lake/runs/compare-runs.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { SPLITS } from '../../schemas/plan.ts'
import { shortened } from '../../schemas/shown.ts'
import { formatCount, type Output } from '../output/output.ts'
import { folded, threadsInWords, timeInWords } from './lines.ts'

/** characters of a fact's name and of each side: three columns and the gaps fit 80 */
const MAX_NAME = 26
const MAX_SIDE = 25
/** Partitions and gates that are told one by one; the JSON document has all. */
const MAX_EACH = 12

export function tellDiff(output: Output, { a, b, data, stages }: RunComparison): void {
  const [left, right] = [factsOf(a), factsOf(b)]
  const names = [...new Set([...left.keys(), ...right.keys()])]
  output.table(
    names.map((name) => {
      const [before = '', now = ''] = [left.get(name), right.get(name)]
      return {
        '': shortened(name, MAX_NAME),
        a: shortened(before, MAX_SIDE),
        b: before === now ? 'same' : shortened(now, MAX_SIDE),
      }
    }),
  )
  const told = [
    ...lines('data', data),
    ...stages.flatMap(({ stage, recipe, code }) => [
      ...lines(`${stage} recipe`, recipe),
      ...lines(`${stage} code`, code),
    ]),
  ]
  output.line()
  if (told.length === 0) output.line('data, recipes and code are the same')
  for (const line of told) output.line(line)
}

function lines(label: string, words: readonly string[]): string[] {
  const lead = `${label.padEnd(16)}  `
  return words.flatMap((each, i) => folded(i === 0 ? lead : ' '.repeat(lead.length), each))
}

/** By name, in the order of a run. */
function factsOf({ run, coverage, accounting, card, evaluation }: RunSide): Map<string, string> {
  const facts = new Map<string, string>()
  const say = (name: string, value: string | number): void =>
    void facts.set(name, typeof value === 'number' ? formatCount(value) : value)
  say('run', String(run.number))
  say('ended', timeInWords(run.at))
  if (run.clean !== null) say('dataset', shortDigest(run.clean.output.digest))
  for (const { partition, start, end } of (coverage ?? []).slice(0, MAX_EACH)) {
    say(`partition ${partition}`, `[${start}, ${end})`)
  }
  if (accounting !== null) {
    say('records', accounting.in)
    for (const [rule, count] of Object.entries(accounting.rejectedBy)) say(`rejected: ${rule}`, count)
    say('duplicates', accounting.duplicates)
    for (const split of SPLITS) say(split, accounting.split[split])
  }
  if (card !== null) {
    say('model', shortDigest(run.train!.output.digest))
    say('size', `${formatCount(card.weights.bytes)} bytes`)
    say('epochs, best', `${card.epochs}, ${card.bestEpoch}`)
    say('validation loss', rounded(card.validationLoss))
    say('backend', `${card.backend.version}, ${card.backend.device}`)
    say('code of training', shortDigest(card.code))
    const kinds = card.machines?.map(({ processor, gpu, threads }) => gpu ?? `${processor}, ${threadsInWords(threads)}`)
    say('machine', kinds?.join('; ') ?? 'not told')
  }
  if (evaluation !== null) {
    say('judged against', evaluation.champion === null ? 'no champion' : shortDigest(evaluation.champion))
    for (const [metric, value] of Object.entries(evaluation.metrics)) say(metric, rounded(value))
    for (const { name, verdict, estimate, interval } of evaluation.gates.slice(0, MAX_EACH)) {
      say(`gate ${name}`, `${verdict} ${rounded(estimate)} [${interval.map(rounded).join(', ')}]`)
    }
    if (evaluation.gates.length > MAX_EACH) say('more gates', evaluation.gates.length - MAX_EACH)
    say('verdict', evaluation.verdict)
  }
  return facts
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)))
