// sluice rollback: a model that was live before goes back into service.
import type { Command } from 'commander'
import { shortDigest } from '../../schemas/ids.ts'
import { showTime } from '../../schemas/point-in-time.ts'
import type { RollbackResult, RollbackTarget } from '../../schemas/rollback.ts'
import { withTemporal } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { lookAtRollback, rollBack } from '../roll-back.ts'
import { examples, type Shell, usageError } from '../shell.ts'
import { userName } from '../user-name.ts'

interface RollbackOptions {
  readonly to?: string
  readonly reason?: string
  readonly by: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice rollback digits --reason "answers nonsense since noon"',
        'sluice rollback digits --to 3fa94c2d81b7 --reason "the last one that knew sevens"',
        'sluice rollback digits --to 14 --reason "as it was on Monday" --by ada',
      ),
    )
    .option('--to <model>', 'start of its digest, or the number of its entry in the history; default: the one before')
    .option('--reason <text>', 'why; needed, the ledger keeps it')
    .option('--by <name>', 'who decides', userName())
    .action(
      shell.action<[string], RollbackOptions>(async ({ config, output }, [pipeline], { to, reason = '', by }) => {
        if (reason.trim() === '') throw usageError('a rollback needs --reason "…"')
        const target = await lookAtRollback(config, pipeline, to)
        for (const line of describeTarget(target)) output.line(line)
        const { model, replaces } = target
        const asked = { pipeline, target: model, replaces, reason: reason.trim(), by }
        const result = await withTemporal(config, (client) => rollBack(config, client, asked))
        for (const line of describeResult(result)) output.line(line)
        output.result(result)
        return result.state === 'rolled back' ? EXIT.ok : EXIT.refused
      }),
    )
}

function describeTarget({ model, replaces, approved, evidence }: RollbackTarget): string[] {
  const { by, at, reason, version } = approved
  const metrics = Object.entries(evidence?.metrics ?? {}).map(([name, value]) => `${name} ${value.toFixed(4)}`)
  return [
    `back from ${shortDigest(replaces)} to ${shortDigest(model)}`,
    `  approved by ${by}, ${showTime(Date.parse(at))}, entry ${version}${reason && `: ${reason}`}`,
    evidence === null
      ? '  its evaluation is not in the store any more'
      : `  ${[`${evidence.verdict} then`, ...metrics].join(', ')}`,
    'it is loaded and asked its golden rows before it goes live …',
  ]
}

function describeResult({ pipeline, model, replaces, by, reason, asked }: RollbackResult): string[] {
  if (model === null || replaces === null) return [`nothing was rolled back: ${reason}`]
  const waiting = asked.map(shortDigest).join(', ')
  return [
    `${shortDigest(model)} is live again instead of ${shortDigest(replaces)} (${by}: ${reason}); servers take it up within a second`,
    ...(waiting === ''
      ? []
      : [`judged again, now against it: ${waiting}, which wait${asked.length === 1 ? 's' : ''} for a decision`]),
    `next: \`sluice models ${pipeline}\` shows it; \`sluice rollback ${pipeline} --to ${shortDigest(replaces)} --reason "…"\` undoes it`,
  ]
}
