// A trainer of one's own → the plan's form: its files by digest, so that a changed program is another plan.
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import type { TrainerSpec } from '../../schemas/plan.ts'
import type { PipelineDefinition } from '../words/define.ts'
import { fieldsOf, inside, listOf, type Place, refuse, textOf } from './check.ts'

const BESIDE = /^\.\.?\//
const DIGEST = /^[0-9a-f]{64}$/

/** Takes what `withTrainerFiles` made of the word. Throws PIPELINE_INVALID. */
export function resolveTrainer(place: Place, word: unknown): TrainerSpec {
  const { command, folder, files } = fieldsOf(place, word, { required: ['command', 'folder', 'files'] })
  const at = (key: string) => inside(place, key)
  const words = listOf(at('command'), command).map((each, i) => textOf(inside(at('command'), i), each))
  if (words.length === 0) refuse(at('command'), 'a program and its arguments', command)
  return {
    command: words,
    folder: textOf(at('folder'), folder),
    files: listOf(at('files'), files).map((each, i) => {
      const file = inside(at('files'), i)
      const { path, sha256: digest } = fieldsOf(file, each, { required: ['path', 'sha256'] })
      return {
        path: textOf(inside(file, 'path'), path),
        sha256: textOf(inside(file, 'sha256'), digest, DIGEST, 'a sha256'),
      }
    }),
  }
}

/** The word's files, with their digests and the folder they are in. Throws PIPELINE_INVALID for one that cannot be read. */
export async function withTrainerFiles(
  definition: PipelineDefinition,
  { file, projectDir }: { readonly file: string; readonly projectDir: string },
): Promise<PipelineDefinition> {
  const word = definition?.train?.trainer
  if (!Array.isArray(word?.command)) return definition // none, or one that resolveTrainer refuses
  const folder = dirname(file)
  const named = [...word.command.filter((each) => BESIDE.test(each)), ...(word.files ?? [])]
  const files = await Promise.all(
    [...new Set(named)].map(async (path) => {
      const bytes = await readFile(join(folder, path)).catch((error: unknown) => {
        const found = `${path}: ${String(error)}`
        throw failure(
          'PIPELINE_INVALID',
          { pipeline: definition.name, path: 'train.trainer', expected: 'files beside the pipeline', found },
          error,
        )
      })
      return { path, sha256: sha256(bytes) }
    }),
  )
  const spec = { ...word, folder: relative(projectDir, folder).split(sep).join('/'), files } // other fields are resolveTrainer's to refuse
  return { ...definition, train: { ...definition.train, trainer: spec as never } }
}
