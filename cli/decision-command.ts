// What sluice approve and sluice reject share: a person's decision about the candidate that waits.
import type { Command } from 'commander'
import type { DecideInput, PromoteResult } from '../schemas/approval.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { shortDigest } from '../schemas/ids.ts'
import { withTemporal } from './clients.ts'
import { decide, decideLater, findWaiting } from './decide-candidate.ts'
import { EXIT } from './exit-codes.ts'
import { inWords } from './output/describe-workflows.ts'
import { reopenIfEnded } from './reopen-question.ts'
import { examples, type Shell, usageError } from './shell.ts'
import { userName } from './user-name.ts'

interface DecideOptions {
  readonly digest?: string
  readonly reason?: string
  readonly by?: string
  readonly later?: boolean
}

export interface DecisionVerb {
  readonly decision: DecideInput['decision']
  /** when a reason is needed */
  readonly reason: string
  readonly examples: readonly string[]
}

export function defineDecision(command: Command, shell: Shell, verb: DecisionVerb): void {
  const { decision } = verb
  command
    .addHelpText('after', examples(...verb.examples))
    .option('--digest <digest>', 'start of the digest, where several candidates wait')
    .option('--reason <text>', verb.reason)
    .option('--by <name>', 'who decides', userName())
    .option('--later', 'leave the decision for a worker that starts later, and do not wait')
    .action(
      shell.action<[string], DecideOptions>(async ({ config, output }, [target], options) => {
        if (decision === 'reject' && !options.reason?.trim()) throw usageError('a rejection needs --reason "…"')
        const waiting = await findWaiting(config, target, options.digest)
        const input: DecideInput = {
          decision,
          candidateDigest: waiting.candidate,
          ...(options.by !== undefined && { by: options.by }),
          ...(options.reason !== undefined && { reason: options.reason }),
        }
        const name = `candidate ${shortDigest(waiting.candidate)} of ${waiting.pipeline}`
        const asked = await withTemporal(config, (client) => reopenIfEnded(config, client, waiting))
        if (asked !== null) output.line(`${name}: its workflow was ${inWords(asked)}, so it is asked again`)
        if (options.later) {
          await withTemporal(config, (client) => decideLater(client, waiting, input))
          output.line(`${name}: the decision waits for a worker`)
          output.result({ ...waiting, state: 'sent' })
          return EXIT.ok
        }
        const result = await withTemporal(config, (client) => decide(client, waiting, input)).catch((error) => {
          throw options.reason?.trim() ? error : askingForReason(error)
        })
        output.line(`${name}: ${describeEnd(result)}`)
        output.result({ ...waiting, ...result })
        return result.state === (decision === 'approve' ? 'approved' : 'rejected') ? EXIT.ok : EXIT.refused
      }),
    )
}

/** Where the ledger had an end already, whose it was: this decision was not recorded. */
function describeEnd({ state, reason, by, via }: PromoteResult): string {
  const before = via === 'ledger' && state !== 'outdated' ? `before, by ${by}` : ''
  return [state, before, reason && `(${reason})`].filter((words) => words !== '').join(' ')
}

/** The workflow speaks of the JSON that it takes; whoever typed a command has an option for it. */
function askingForReason(error: unknown): unknown {
  if (!isFailure(error, 'DECISION_REFUSED')) return error
  const detail = String(error.facts.detail).replace('add "reason": "…"', 'add --reason "…"')
  return failure('DECISION_REFUSED', { ...error.facts, detail }, error)
}
