// Every pipeline of a project, by name: the default exports of pipelines/*/pipeline.ts.
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { failure, isFailure } from '../schemas/failures.ts'
import type { Plan } from '../schemas/plan.ts'
import { withFiles } from './resolve/files.ts'
import { resolvePipeline } from './resolve/resolve.ts'
import type { PipelineDefinition } from './words/define.ts'

const FILES = ['pipeline.ts', 'pipeline.js']

/** Resolves every pipeline, in order of folder names. Throws PIPELINE_INVALID for the first file that cannot be used. */
export async function loadPipelines(projectDir: string): Promise<Map<string, Plan>> {
  const plans = new Map<string, Plan>()
  for (const file of await pipelineFiles(projectDir)) {
    const plan = await loadFile(projectDir, file)
    if (plans.has(plan.name)) throw invalid(plan.name, 'name', 'a name of its own', `a second pipeline in ${file}`)
    plans.set(plan.name, plan)
  }
  checkServePaths([...plans.values()])
  return plans
}

/** One pipeline. Throws PIPELINE_UNKNOWN with the names that exist. */
export async function loadPipeline(projectDir: string, name: string): Promise<Plan> {
  const plans = await loadPipelines(projectDir)
  const plan = plans.get(name)
  if (plan === undefined) {
    const found = plans.size === 0 ? `none under ${join(projectDir, 'pipelines')}` : [...plans.keys()].join(', ')
    throw failure('PIPELINE_UNKNOWN', { pipeline: name, found })
  }
  return plan
}

async function pipelineFiles(projectDir: string): Promise<string[]> {
  const root = join(projectDir, 'pipelines')
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))
  const files: string[] = []
  for (const folder of folders.sort()) {
    const inFolder = await readdir(folder)
    const file = FILES.find((name) => inFolder.includes(name))
    if (file !== undefined) files.push(join(folder, file))
  }
  return files
}

async function loadFile(projectDir: string, file: string): Promise<Plan> {
  const where = relative(projectDir, file)
  const imported = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw isFailure(error) ? error : invalid(where, 'file', 'a file that loads', String(error), error)
  })
  const definition: unknown = (imported as { default?: unknown }).default
  if (definition === undefined)
    throw invalid(where, 'file', 'export default definePipeline({ … })', 'no default export')
  return resolvePipeline(await withFiles(definition as PipelineDefinition, { file, projectDir }))
}

/** One server answers for all pipelines, so no path may be taken twice. */
function checkServePaths(plans: readonly Plan[]): void {
  const owners = new Map<string, string>()
  for (const { name, serve } of plans) {
    const owner = owners.get(serve.path)
    if (owner !== undefined) throw invalid(name, 'serve.path', 'a path of its own', `${serve.path}, which ${owner} has`)
    owners.set(serve.path, name)
  }
}

function invalid(pipeline: string, path: string, expected: string, found: string, cause?: unknown) {
  return failure('PIPELINE_INVALID', { pipeline, path, expected, found }, cause)
}
