// model.custom('./model.ts') → the module's place in the project and its digest: other code is another plan and another training.
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import type { PipelineDefinition } from '../words/define.ts'

const BESIDE = /^\.\.?\//
/** types are gone before the module runs, so they may come from anywhere */
const TYPE_IMPORT = /\b(?:import|export)\s+type\b[^'"]*['"][^'"]*['"]/g
/** from './layers.ts', import './layers.ts', import('./layers.ts') */
const OWN_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.\.?\/[^'"]*)['"]/

/** Throws PIPELINE_INVALID for a module that cannot be read, and for one that imports other files of the project. */
export async function withNetworkFile(
  definition: PipelineDefinition,
  { file, projectDir }: { readonly file: string; readonly projectDir: string },
): Promise<PipelineDefinition> {
  const word = definition?.train?.model
  if (word?.kind !== 'custom' || typeof word.file !== 'string' || !BESIDE.test(word.file)) return definition
  const invalid = (expected: string, found: string, cause?: unknown) =>
    failure('PIPELINE_INVALID', { pipeline: definition.name, path: 'train.model.file', expected, found }, cause)
  const path = join(dirname(file), word.file)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw invalid('a module beside the pipeline', `${word.file}: ${String(error)}`, error)
  })
  const imported = OWN_IMPORT.exec(bytes.toString('utf8').replaceAll(TYPE_IMPORT, ''))?.[1]
  if (imported !== undefined)
    throw invalid('one file, which the digest covers whole (types may be imported)', `an import of ${imported}`)
  const model = {
    kind: 'custom',
    file: relative(projectDir, path).split(sep).join('/'),
    sha256: sha256(bytes),
  } as const
  return { ...definition, train: { ...definition.train, model } }
}
