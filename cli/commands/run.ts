// sluice run: runs a pipeline now and follows it.
import type { Command } from 'commander'
import { loadPipeline } from '../../plan/registry.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { pauseOf, schedulesNamed } from '../../workers/pause.ts'
import { serversOf } from '../../workers/servers/reach.ts'
import { carriedPlan, requireEndpoints, withTemporal, workflowUrl } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { describeResult } from '../output/describe-result.ts'
import { describePause } from '../output/describe-workflows.ts'
import { followRun } from '../output/follow-run.ts'
import { followUntilInterrupted } from '../output/follow-until-interrupted.ts'
import { createProgress } from '../output/progress.ts'
import { howToDecide, questionPage } from '../question-page.ts'
import { examples, type Shell } from '../shell.ts'
import { startRun } from '../start-run.ts'
import { userName } from '../user-name.ts'

interface RunOptions {
  readonly detach?: boolean
  readonly askAgain?: boolean
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice run digits', 'sluice run digits --json | jq .outcome', 'sluice run digits --detach'),
    )
    .option('--detach', 'start it and return')
    .option('--ask-again', 'ask once more about a candidate that was rejected')
    .action(
      shell.action<[string], RunOptions>(async ({ config, output }, [name], { detach, askAgain }) => {
        const plan = await loadPipeline(config.projectDir, name)
        const endpoints = requireEndpoints(config)
        return withTemporal(config, async (client) => {
          const handle = await startRun(client, { plan: await carriedPlan(config, plan), by: userName(), askAgain })
          output.line(`run of ${name}: ${workflowUrl(endpoints, handle.workflowId)}`)
          const pause = pauseOf(await schedulesNamed(client, name))
          if (pause !== null) output.line(`${describePause(name, pause)}; this run goes on, since you ask for it`)
          if (detach) {
            output.result({ workflowId: handle.workflowId, runId: handle.signaledRunId })
            return EXIT.ok
          }
          const progress = createProgress(output.stream)
          const servers = serversOf(endpoints)
          const what = 'the run'
          const result = await followUntilInterrupted({ what, output }, (signal) =>
            followRun({ client, handle, what, progress, servers, signal }),
          )
          if (typeof result === 'number') return result
          for (const line of describeResult(result)) output.line(line)
          if (result.promotion !== null) {
            output.line(`waits for approval: ${await questionPage(client, endpoints, result.promotion)}`)
            for (const line of howToDecide(name, result.evaluation?.verdict)) output.line(line)
          }
          output.result(result)
          return exitCodeOfOutcome(result.outcome)
        })
      }),
    )
}

/** Scripts learn from the exit code whether there is something to approve. */
export function exitCodeOfOutcome(outcome: RetrainResult['outcome']): number {
  if (outcome === 'gates failed') return EXIT.refused
  return outcome === 'nothing to learn from' ? EXIT.notReady : EXIT.ok
}
