// sluice diff: two runs or models of a pipeline beside each other.
import type { Command } from 'commander'
import { compareRuns } from '../../lake/runs/compare-runs.ts'
import { findRun, newestRun, type PipelineRuns, readRuns } from '../../lake/runs/find-run.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { withStore } from '../clients.ts'
import { tellDiff } from '../explain/describe-diff.ts'
import { runData } from '../explain/describe-why.ts'
import { examples, type Shell, usageError } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice diff digits', 'sluice diff digits 1 3', 'sluice diff digits champion 4f0c2a91'),
    )
    .action(
      shell.action<[string, string?, string?], object>(async ({ config, output }, [name, a, b]) => {
        await loadPipeline(config.projectDir, name)
        const { left, right, comparison } = await withStore(config, async (store) => {
          const runs = await readRuns(store, name)
          const right = b === undefined ? newestRun(runs) : findRun(runs, b)
          const left = a === undefined ? before(runs, right) : findRun(runs, a)
          if (left === right) throw usageError(`expected two runs to compare, found run ${left.number} twice`)
          return { left, right, comparison: await compareRuns(store, runs, left, right) }
        })
        tellDiff(output, comparison)
        const { a: from, b: to, ...differences } = comparison
        output.result({
          pipeline: name,
          a: { ...from, run: runData(left) },
          b: { ...to, run: runData(right) },
          ...differences,
        })
      }),
    )
}

/** The champion's run, unless it is that very model; then the run before. */
function before({ runs, champion }: PipelineRuns, run: MadeRun): MadeRun {
  const live = runs.find(({ train }) => train !== null && train.output.digest === champion)
  if (live !== undefined && live.train?.output.digest !== run.train?.output.digest) return live
  const found = runs.findLast(({ number }) => number < run.number)
  if (found === undefined) throw usageError('expected two runs to compare, found one so far')
  return found
}
