// sluice predict: one answer of the champion, without a server.
import type { Command } from 'commander'
import { isObject } from '../../core/strict-json.ts'
import { readJson } from '../../lake/store/objects.ts'
import { isFailure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import { readBody } from '../../serving/body.ts'
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
          const asked = row ?? sampleOf(await readJson<GoldenRows>(store, model.card.golden))
          const prediction = model.predict(asked)
          output.line(`model ${shortDigest(model.digest)}: ${describePrediction(prediction)}`)
          for (const line of nextSteps(name, row === undefined ? asked : undefined)) output.line(line)
          output.result({ pipeline: name, model: model.digest, prediction, row: asked })
        })
      }),
    )
}

/** A row of images is no text to change by hand. */
const MAX_ROW_LENGTH = 400

/** `sample`: the row that was asked about, where the person gave none. */
function nextSteps(pipeline: string, sample: unknown): string[] {
  const serve = `over HTTP: \`sluice serve ${pipeline}\``
  const json = sample === undefined ? '' : JSON.stringify(sample)
  if (json === '' || json.length > MAX_ROW_LENGTH || json.includes("'")) return [`next: ${serve}`]
  const row = ` --row '${json}'`
  return [`next: change a value: \`sluice predict ${pipeline}${row}\``, `      ${serve}`]
}

/** Read as the body of a request is: the same text gives the same answer here and at a server, or the same refusal. */
function rowJson(text: string): unknown {
  try {
    return readBody(Buffer.from(text))
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    throw usageError(`--row: expected ${error.facts.expected}, found ${error.facts.found}`)
  }
}

/** A row in which something is known. */
function sampleOf({ rows }: GoldenRows): unknown {
  return rows.find((row) => isObject(row) && Object.keys(row).length > 0) ?? rows[0]
}
