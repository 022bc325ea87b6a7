// What a deletion takes away, and what it leaves, before anything is done.
import { shortDigest } from '../../schemas/ids.ts'
import type { Deletion } from '../delete-pipeline.ts'
import { formatCount } from './output.ts'

/** Lines. */
export function describeDeletion(deletion: Deletion): string[] {
  return [`delete ${deletion.pipeline}. What goes:`, ...list(goes(deletion)), 'What stays:', ...list(stays(deletion))]
}

const list = (lines: readonly string[]): string[] =>
  lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`)

function goes({ schedules, questions, champion, data }: Deletion): string[] {
  return [
    ...(schedules.length === 0 ? [] : [`schedules: ${schedules.join(', ')}`]),
    ...questions.map(
      (candidate) => `the question about ${shortDigest(candidate)}: closed as withdrawn, with your reason`,
    ),
    ...(data === null || champion === null
      ? []
      : [`the champion ${shortDigest(champion)}: servers stop answering for it`]),
    ...(data?.groups ?? []).map(({ what, objects }) => {
      const bytes = objects.reduce((sum, object) => sum + object.bytes, 0)
      return `${what}: ${formatCount(objects.length)} objects, ${(bytes / 1e6).toFixed(1)} MB`
    }),
  ]
}

function stays({ pipeline, file, topic, champion, decisions, data }: Deletion): string[] {
  const ledger = `the ledger: ${formatCount(decisions)} entries that say who decided what, when and why`
  return [
    ...(file === null ? [] : [`${file}: remove it yourself; \`sluice apply\` would make its schedules again`]),
    `the topic${topic === null ? '' : ` ${topic}`} with its records, and the consumer group that lag monitors read`,
    ...(decisions === 0 ? [] : [data === null ? ledger : `${ledger}, with cards and evaluations of those models`]),
    ...(data === null && champion !== null
      ? [`the champion ${shortDigest(champion)}: served for as long as the file is there`]
      : []),
    ...(data === null
      ? [`models, datasets and events in the bucket: \`sluice delete ${pipeline} --data\` deletes them`]
      : []),
    ...(data?.shared ?? []).map(({ source, readers }) => `events of ${source}: ${readers.join(', ')} reads them too`),
    'what Temporal keeps of earlier runs, until its retention ends; search attributes',
  ]
}
