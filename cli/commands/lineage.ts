// sluice lineage: from a model down to the offsets that it was made from, or from a row's id up to the models that learnt from it.
import type { Command } from 'commander'
import { openPersonalKey } from '../../core/personal-key.ts'
import { DIGEST_START, findRun, newestRun, type PipelineRuns, readRuns } from '../../lake/runs/find-run.ts'
import type { Store } from '../../lake/store/store.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import { modelLineage } from '../../stages/lineage/model-lineage.ts'
import { rowLineage } from '../../stages/lineage/row-lineage.ts'
import { idColumn, storedId } from '../../stages/rows/find-id.ts'
import { withStore } from '../clients.ts'
import { tellModelLineage, tellRowLineage } from '../explain/describe-lineage.ts'
import { type Context, examples, type Shell, usageError } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice lineage digits champion', 'sluice lineage digits 4f0c2a91', 'sluice lineage digits --row 17-3'),
    )
    .option('--row <id>', 'what became of the records of this id, up to the models that learnt from them')
    .action(
      shell.action<[string, string?], { row?: string }>(async (context, [name, model], { row }) => {
        if (model !== undefined && row !== undefined) throw usageError(`expected a model or --row, found both`)
        const plan = await loadPipeline(context.config.projectDir, name)
        await withStore(context.config, async (store) => {
          const runs = await readRuns(store, name)
          const given = { store, plan, runs }
          await (row === undefined && !isRow(given, model)
            ? tellModel(context, given, model)
            : tellRow(context, given, row ?? model!))
        })
      }),
    )
}

interface Given {
  readonly store: Store
  readonly plan: Plan
  readonly runs: PipelineRuns
}

/** What names no model, and could not be meant as one, is a row's id. */
function isRow({ runs }: Given, name: string | undefined): boolean {
  if (name === undefined || name === 'champion') return false
  try {
    findRun(runs, name)
    return false
  } catch (error) {
    if (!isFailure(error, 'RUN_UNKNOWN')) throw error
    return !DIGEST_START.test(name)
  }
}

async function tellModel({ output }: Context, { store, plan, runs }: Given, name: string | undefined): Promise<void> {
  const chosen = name ?? (runs.champion === null ? undefined : 'champion')
  const run = chosen === undefined ? newestRun(runs) : findRun(runs, chosen)
  const lineage = await modelLineage(store, plan.name, run)
  tellModelLineage(output, lineage)
  output.result({ pipeline: plan.name, ...lineage })
}

async function tellRow({ config, output }: Context, { store, plan, runs }: Given, id: string): Promise<void> {
  if (idColumn(plan) === undefined)
    throw usageError(`expected a pipeline with a column of ids, found none in ${plan.name}`)
  const key = config.personalKey === undefined ? undefined : openPersonalKey(config.personalKey)
  const lineage = await rowLineage(store, { plan, runs, id: storedId(plan, id, key) })
  tellRowLineage(output, lineage)
  output.result({ pipeline: plan.name, ...lineage })
}
