// sluice reject: the candidate that waits does not go live.
import type { Command } from 'commander'
import { defineDecision } from '../decision-command.ts'
import type { Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  defineDecision(command, shell, {
    decision: 'reject',
    reason: 'why not; needed',
    examples: ['sluice reject digits --reason "labels of last week are wrong"'],
  })
}
