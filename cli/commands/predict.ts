// sluice predict: one answer of the champion, without a server.
import type { Command } from 'commander'
import { readJson } from '../../lake/store/objects.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import { withChampion } from '../champion.ts'
import { describePrediction } from '../output/describe-prediction.ts'
import { examples, type Shell, usageError } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice predict digits', `sluice predict churn --row '{"plan": "team", "spend": 40}'`),
    )
    .option('--row <json>', 'one row as JSON; default: a row that the model was checked with', rowJson)
    .action(
      shell.action<[string], { row?: unknown }>(async ({ config, output }, [name], { row }) => {
        await withChampion(config, name, async (model, store) => {
          const asked = row ?? (await readJson<GoldenRows>(store, model.card.golden)).rows[0]
          const prediction = model.predict(asked)
          output.line(`model ${shortDigest(model.digest)}: ${describePrediction(prediction)}`)
          output.result({ pipeline: name, model: model.digest, prediction, row: asked })
        })
      }),
    )
}

function rowJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usageError(`--row: expected JSON, found something else (${(error as Error).message})`)
  }
}
