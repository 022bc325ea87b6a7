// The files that a definition names → their text or digests, so that the plan is whole and an edited file changes its fingerprint.
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import type { PipelineDefinition } from '../words/define.ts'

/** Where a definition stands. */
interface Origin {
  /** the pipeline file */
  readonly file: string
  readonly projectDir: string
}

const BESIDE = /^\.\.?\//
/** types are gone before the module runs, so they may come from anywhere */
const TYPE_IMPORT = /\b(?:import|export)\s+type\b[^'"]*['"][^'"]*['"]/g
/** from './layers.ts', import './layers.ts', import('./layers.ts') */
const OWN_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.\.?\/[^'"]*)['"]/

/** Throws PIPELINE_INVALID for a file that cannot be read or used. Words that are wrong in themselves are for resolvePipeline to refuse. */
export async function withFiles(definition: PipelineDefinition, origin: Origin): Promise<PipelineDefinition> {
  const whole = await withSchemaText(definition, origin)
  const trained = await withTrainerFiles(whole, origin)
  return withNetworkFile(trained, origin)
}

/** `schema: './order.avsc'` becomes the file's text. */
async function withSchemaText(
  definition: PipelineDefinition,
  { file, projectDir }: Origin,
): Promise<PipelineDefinition> {
  const schema: unknown = definition?.source?.schema
  if (typeof schema !== 'string' || !BESIDE.test(schema)) return definition
  const text = await readFile(join(dirname(file), schema), 'utf8').catch((error: unknown) => {
    const facts = {
      pipeline: relative(projectDir, file),
      path: 'source.schema',
      expected: 'a file beside the pipeline',
    }
    throw failure('PIPELINE_INVALID', { ...facts, found: `${schema}: ${String(error)}` }, error)
  })
  return { ...definition, source: { ...definition.source, schema: text } }
}

/** A trainer's program and its files get their digests and the folder they are in: a changed program is another plan. */
async function withTrainerFiles(
  definition: PipelineDefinition,
  { file, projectDir }: Origin,
): Promise<PipelineDefinition> {
  const word = definition?.train?.trainer
  if (!Array.isArray(word?.command)) return definition
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
  const spec = { ...word, folder: fromProject(projectDir, folder), files }
  return { ...definition, train: { ...definition.train, trainer: spec as never } }
}

/** `model.custom('./model.ts')` gets the module's place in the project and its digest: other code is another plan and another training. */
async function withNetworkFile(
  definition: PipelineDefinition,
  { file, projectDir }: Origin,
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
  const model = { kind: 'custom', file: fromProject(projectDir, path), sha256: sha256(bytes) } as const
  return { ...definition, train: { ...definition.train, model } }
}

const fromProject = (projectDir: string, path: string): string => relative(projectDir, path).split(sep).join('/')
