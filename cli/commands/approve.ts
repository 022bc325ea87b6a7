// sluice approve: the candidate that waits goes live.
import type { Command } from 'commander'
import { defineDecision } from '../decision-command.ts'
import type { Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  defineDecision(command, shell, {
    decision: 'approve',
    reason: 'needed where the gates are INCONCLUSIVE',
    examples: [
      'sluice approve digits --reason "looks good"',
      'sluice approve promote/digits/3fa9… --by ada',
      'sluice approve digits --later --reason "no worker runs right now"',
    ],
  })
}
