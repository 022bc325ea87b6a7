// sluice models: the champion of a pipeline and how it came to be.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { millisecondsOfText } from '../../core/rfc3339.ts'
import { championAt } from '../../lake/ledger.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { cameLive, type LedgerChange, type LedgerState, rollbackWords } from '../../schemas/ledger.ts'
import { withTemporal } from '../clients.ts'
import { knownLedger } from '../known-ledger.ts'
import { inWords } from '../output/describe-workflows.ts'
import { questionStates } from '../pipeline-workflows.ts'
import { examples, type Shell, usageError } from '../shell.ts'
import type { WorkflowState } from '../workflow-state.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice models digits', 'sluice models digits --at 2026-03-01T12:00:00Z'))
    .option('--at <time>', 'who was live then (RFC 3339)', timestamp)
    .action(
      shell.action<[string], { at?: string }>(async ({ config, output }, [name], { at }) => {
        const { state, entries } = await knownLedger(config, name)
        const champion = at === undefined ? state.champion : championAt(entries, at)
        const how = at === undefined ? rollbackWords(cameLive(entries)) : null
        output.line(
          `champion${at === undefined ? '' : ` at ${at}`}: ${champion ?? 'none'}${how === null ? '' : ` (${how})`}`,
        )
        const questions = await askTemporal(config, state.open)
        for (const [candidate, workflowId] of Object.entries(state.open)) {
          const question = questions[candidate]
          const asks = question === undefined || question.state === 'running' ? '' : `, ${inWords(question)}`
          output.line(`waits for approval: ${candidate} (${workflowId}${asks})`)
        }
        output.line()
        output.table(entries.map(({ version, change }) => historyRow(version, change)))
        if (entries.length === 0) output.line(`nothing yet. next: \`sluice run ${name}\``)
        const { open, previous } = state
        output.result({ pipeline: name, champion, open, questions, previous, history: entries })
      }),
    )
}

/** The workflows that ask; nothing where Temporal cannot be asked: the ledger is in the bucket. */
async function askTemporal(config: Config, open: LedgerState['open']): Promise<Record<string, WorkflowState>> {
  if (Object.keys(open).length === 0) return {}
  return await withTemporal(config, (client) => questionStates(client, open)).catch(() => ({}))
}

function historyRow(version: number, change: LedgerChange): Record<string, string> {
  return {
    '#': String(version),
    at: change.at,
    what: change.kind,
    model: shortDigest(change.model),
    by: 'by' in change ? change.by : '',
    why: whyOf(change),
  }
}

function whyOf(change: LedgerChange): string {
  if (change.kind !== 'rolledBack') return 'reason' in change ? change.reason : ''
  return `instead of ${shortDigest(change.replaces)}: ${change.reason}`
}

function timestamp(text: string): string {
  const ms = millisecondsOfText(text)
  if (Number.isNaN(ms)) throw usageError(`expected a time like 2026-03-01T12:00:00Z, found ${text}`)
  return new Date(ms).toISOString()
}
