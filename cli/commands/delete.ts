// sluice delete: a pipeline ends; with --data what it made goes too.
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { deletePipeline, lookAtDeletion } from '../delete-pipeline.ts'
import { EXIT } from '../exit-codes.ts'
import { describeDeletion } from '../output/describe-deletion.ts'
import { examples, type Shell, usageError } from '../shell.ts'
import { userName } from '../user-name.ts'

interface DeleteOptions {
  readonly data?: boolean
  readonly yes?: boolean
  readonly reason?: string
  readonly by: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice delete digits --reason "nobody asks it any more"',
        'sluice delete digits --data --yes --reason "erased on request 4711"',
      ),
    )
    .option('--data', 'its models, datasets and stage records too, and the events of a source that nobody else reads')
    .option('--reason <text>', 'why; needed, the ledger keeps it')
    .option('--by <name>', 'who deletes it', userName())
    .option('--yes', 'do not ask')
    .action(
      shell.action<[string], DeleteOptions>(async ({ config, output }, [pipeline], options) => {
        const { data: withData = false, yes = false, reason = '', by } = options
        if (reason.trim() === '') throw usageError('a deletion needs --reason "…"')
        const deletion = await lookAtDeletion(config, pipeline, withData)
        for (const line of describeDeletion(deletion)) output.line(line)
        if (!yes && !(await isMeant(pipeline, output.stream))) {
          output.line('nothing was deleted; without a terminal, or in scripts, `--yes` deletes it')
          output.result({ ...summed(deletion), deleted: false })
          return EXIT.refused
        }
        const data = await deletePipeline(config, deletion, { by, reason: reason.trim() })
        output.line(`${pipeline} is deleted`)
        output.result({ ...summed({ ...deletion, data }), deleted: true })
        return EXIT.ok
      }),
    )
}

/** Counts in the place of lists that may be long. */
function summed({ data, ...deletion }: Awaited<ReturnType<typeof lookAtDeletion>>) {
  if (data === null) return { ...deletion, data }
  const groups = data.groups.map(({ what, objects }) => ({
    what,
    objects: objects.length,
    bytes: objects.reduce((sum, object) => sum + object.bytes, 0),
  }))
  return { ...deletion, data: { groups, shared: data.shared, kept: data.kept } }
}

/** Typing the name is harder to do by mistake than a key. */
async function isMeant(pipeline: string, output: NodeJS.WriteStream): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const questions = createInterface({ input: process.stdin, output })
  try {
    return (await questions.question(`type ${pipeline} to delete it: `)).trim() === pipeline
  } finally {
    questions.close()
  }
}
