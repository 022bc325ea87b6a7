// sluice generate: the champion goes on with a text, without a server.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Command } from 'commander'
import { isFailure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { type GenerationRequest, readGeneration } from '../../serving/generation.ts'
import { withChampion } from '../champion.ts'
import { examples, type Shell, usageError } from '../shell.ts'

interface GenerateOptions {
  readonly prompt?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  readonly repetitionPenalty?: number
  readonly seed?: number
  readonly stop?: readonly string[]
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice generate textgen --prompt "Call me Ishmael."',
        'sluice generate textgen --prompt "The whale" --temperature 0.7 --top-p 0.9 --seed 7 --stop "."',
      ),
    )
    .option('--prompt <text>', 'what the text begins with; default: the model begins a document')
    .option('--max-tokens <n>', 'at most so many; default 200', number)
    .option('--temperature <x>', '0: always the most probable token; default 1', number)
    .option('--top-k <n>', 'draw from so many most probable tokens', number)
    .option('--top-p <x>', 'draw from the most probable tokens that together reach this probability; default 1', number)
    .option('--repetition-penalty <x>', 'above 1: less of what was there before; default 1', number)
    .option('--seed <n>', 'gives the same text again; default: a new one', number)
    .option('--stop <text...>', 'end before the first of these')
    .action(
      shell.action<[string], GenerateOptions & { json?: boolean }>(async ({ config, output }, [name], options) => {
        const { json: _ours, ...asked } = options
        const request = requestOf(asked)
        await withChampion(config, name, async (model) => {
          let text = ''
          const pieces = model.generate(request)
          let next = pieces.next()
          for (; next.done !== true; next = pieces.next()) {
            text += next.value
            await nextTurn() // Ctrl-C gets its turn
          }
          output.line(request.prompt + text)
          output.line(`(model ${shortDigest(model.digest)}, ${next.value.tokens} tokens, seed ${request.seed})`)
          output.result({ pipeline: name, model: model.digest, text, ...next.value, seed: request.seed })
        })
      }),
    )
}

/** Read as a server reads them, but what it would refuse is a mistake of this command line. */
function requestOf(asked: Omit<GenerateOptions, 'json'>): GenerationRequest {
  try {
    return readGeneration(asked)
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    const { field, expected, found } = error.facts
    const flag = String(field).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    throw usageError(`--${flag}: expected ${expected}, found ${found}`)
  }
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw usageError(`expected a number, found ${text}`)
}
