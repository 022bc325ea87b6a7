// What `sluice lineage` says: of a model down to the offsets, of a row up to the models.
import type { InService } from '../../lake/runs/service-times.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { ModelLineage } from '../../stages/lineage/model-lineage.ts'
import type { RowLineage } from '../../stages/lineage/row-lineage.ts'
import { formatCount, type Output } from '../output/output.ts'
import { reasonOf } from '../rows/describe-rows.ts'
import { folded, threadsInWords, timeInWords } from './lines.ts'

/** Segments that a person is shown; the JSON document has all. */
const MAX_SEGMENTS = 12

export function tellModelLineage(output: Output, lineage: ModelLineage): void {
  const { model, card, at, evaluation, dataset, snapshot, segments } = lineage
  output.line(`model ${shortDigest(model)}, trained ${timeInWords(at)}, ${serviceInWords(lineage.service)}`)
  const say = (label: string, words: string): void => {
    for (const line of folded(`  ${label.padEnd(10)}  `, words)) output.line(line)
  }
  for (const change of lineage.decisions) {
    const who = 'by' in change ? ` by ${change.by}` : ''
    const why = 'reason' in change ? `: ${change.reason}` : ''
    say(change.kind, `${timeInWords(change.at)}${who}${why}`)
  }
  if (evaluation !== null) {
    const rival = evaluation.champion === null ? 'without a champion' : `against ${shortDigest(evaluation.champion)}`
    say('evaluation', `${shortDigest(evaluation.sha256)}: ${evaluation.verdict}, judged ${rival}`)
  }
  const { backend, machines = [], start } = card
  say(
    'made by',
    `${backend.version} (${backend.device}), code ${shortDigest(card.code)}, seed ${card.seed}${start === undefined ? '' : `, beginning with ${shortDigest(start)}`}`,
  )
  for (const { processor, threads, gpu } of machines) say('on', gpu ?? `${processor}, ${threadsInWords(threads)}`)
  const { accounting } = dataset
  const { train, validate, test } = accounting.split
  say(
    'dataset',
    `${shortDigest(dataset.digest)}: ${formatCount(accounting.in)} records, ${formatCount(accounting.rejected)} rejected, ${formatCount(accounting.duplicates)} duplicate; train ${formatCount(train)}, validate ${formatCount(validate)}, test ${formatCount(test)}`,
  )
  say(
    'snapshot',
    snapshot === null
      ? 'the chain has none of these rows any more'
      : `version ${snapshot.version} of ${snapshot.chain}`,
  )
  say('topic', lineage.topic)
  output.line()
  output.table(
    lineage.partitions.map((each) => ({
      partition: String(each.partition),
      offsets: `[${each.start}, ${each.end})`,
      segments: String(each.segments),
      rows: formatCount(each.rows),
      rejects: formatCount(each.rejects),
      holes: formatCount(each.holes),
      'from (UTC)': (each.first ?? '').slice(0, 10),
      to: (each.last ?? '').slice(0, 10),
    })),
  )
  output.line()
  output.table(
    segments.slice(0, MAX_SEGMENTS).map(({ range, rows, sha256 }) => ({
      segment: shortDigest(sha256),
      partition: String(range.partition),
      offsets: `[${range.start}, ${range.end})`,
      rows: formatCount(rows),
    })),
  )
  if (segments.length > MAX_SEGMENTS) output.line(`and ${formatCount(segments.length - MAX_SEGMENTS)} more: see --json`)
}

export function tellRowLineage(output: Output, { id, rows, datasets, unread }: RowLineage): void {
  output.line(`${id}: ${rows.length === 1 ? 'one record' : `${formatCount(rows.length)} records`} in the lake`)
  for (const row of rows) {
    const segment = row.segment === null ? '' : `, segment ${shortDigest(row.segment.sha256)}`
    output.line(`  ${row.topic}, partition ${row.partition}, offset ${row.offset}${segment}`)
    const became = `${row.fate}${reasonOf(row) === '' ? '' : `: ${reasonOf(row)}`}`
    for (const line of folded('    ', `${timeInWords(row.time)}; by the rules of now ${became}`)) output.line(line)
  }
  if (datasets.length === 0) output.line('no dataset holds it yet')
  for (const { dataset, at, rows: covered, models } of datasets) {
    output.line(`\ndataset ${shortDigest(dataset)}, made ${timeInWords(at)}`)
    for (const row of covered) {
      const where = `${row.partition}/${row.offset} `
      for (const line of folded(`  ${where}`, `${row.fate}${reasonOf(row) === '' ? '' : `: ${reasonOf(row)}`}`))
        output.line(line)
    }
    for (const { model, verdict, service } of models) {
      output.line(`  model ${shortDigest(model)}  ${verdict ?? 'not judged'}, ${serviceInWords(service)}`)
    }
  }
  if (unread > 0) output.line(`\n${unread} more datasets are of another source, or their rules were not kept`)
}

function serviceInWords(service: readonly InService[]): string {
  if (service.length === 0) return 'never in service'
  return service
    .map(
      ({ from, until }) =>
        `champion ${until === null ? `since ${timeInWords(from)}` : `from ${timeInWords(from)} to ${timeInWords(until)}`}`,
    )
    .join(', ')
}
