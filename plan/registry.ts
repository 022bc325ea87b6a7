// Every pipeline of a project, by name: the default exports of pipelines/*/pipeline.ts.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { failure, isFailure, type SluiceFailure } from '../schemas/failures.ts'
import type { Plan } from '../schemas/plan.ts'
import { withFiles } from './resolve/files.ts'
import { resolvePipeline } from './resolve/resolve.ts'
import type { PipelineDefinition } from './words/define.ts'

const FILES = ['pipeline.ts', 'pipeline.js']
const LOAD_WITHIN_MS = 30_000

/** A pipeline file that cannot be used, and why. */
export interface InvalidFile {
  /** relative to the project */
  readonly file: string
  readonly failure: SluiceFailure
}

export interface Pipelines {
  /** by name, in order of folder names */
  readonly plans: ReadonlyMap<string, Plan>
  /** what the other files fail with: they stop nobody but themselves */
  readonly invalid: readonly InvalidFile[]
}

/** Resolves every pipeline. Of two that claim the same name or path, the one in the first folder stays. */
export async function loadPipelines(projectDir: string): Promise<Pipelines> {
  const plans = new Map<string, Plan>()
  const invalid: InvalidFile[] = []
  for (const path of await pipelineFiles(projectDir)) {
    const file = relative(projectDir, path)
    try {
      const plan = await loadFile(projectDir, path)
      checkOwn(plan, file, plans)
      plans.set(plan.name, plan)
    } catch (error) {
      const reason = isFailure(error) ? error : invalidFile(file, 'a definition', String(error), error)
      invalid.push({ file, failure: reason })
    }
  }
  return { plans, invalid }
}

/** One pipeline, whatever other files are like. Throws what its own file fails with, PIPELINE_UNKNOWN with the names that exist. */
export async function loadPipeline(projectDir: string, name: string): Promise<Plan> {
  const { plans, invalid } = await loadPipelines(projectDir)
  const plan = plans.get(name)
  const own = invalid.find((each) => (plan === undefined ? isMeant(each, name) : isTwin(each, name)))
  if (own !== undefined) throw own.failure
  if (plan !== undefined) return plan
  const names = plans.size === 0 ? `none under ${join(projectDir, 'pipelines')}` : [...plans.keys()].join(', ')
  const others = invalid.length === 0 ? '' : `; not usable: ${invalid.map(({ file }) => file).join(', ')}`
  throw failure('PIPELINE_UNKNOWN', { pipeline: name, found: names + others })
}

/** A file that cannot be read does not say its name: its folder then does. */
function isMeant({ file, failure: { facts } }: InvalidFile, name: string): boolean {
  return facts.pipeline === name || basename(dirname(file)) === name
}

/** Another file claims the name of a pipeline that can be used: nobody can say which of them is meant. */
function isTwin({ failure: { facts } }: InvalidFile, name: string): boolean {
  return facts.pipeline === name && facts.path === 'name'
}

async function pipelineFiles(projectDir: string): Promise<string[]> {
  const root = join(projectDir, 'pipelines')
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const folders: string[] = []
  for (const entry of entries) {
    const path = join(root, entry.name)
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path)))
    if (isFolder) folders.push(path)
  }
  const files: string[] = []
  for (const folder of folders.sort()) {
    const inFolder = await readdir(folder).catch(() => FILES) // then the import says what is wrong with it
    const file = FILES.find((name) => inFolder.includes(name))
    if (file !== undefined) files.push(join(folder, file))
  }
  return files
}

/** Of what a link leads to. */
const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

async function loadFile(projectDir: string, file: string): Promise<Plan> {
  const where = relative(projectDir, file)
  const imported = await inTime(where, import(pathToFileURL(file).href)).catch((error: unknown) => {
    throw isFailure(error) ? error : invalidFile(where, 'a file that loads', String(error), error)
  })
  const definition: unknown = (imported as { default?: unknown }).default
  if (definition === undefined) throw invalidFile(where, 'export default definePipeline({ … })', 'no default export')
  return resolvePipeline(await withFiles(definition as PipelineDefinition, { file, projectDir }))
}

/** A file that awaits what never comes would end the process, without a word and for all of them. */
async function inTime<T>(file: string, loading: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = () => reject(invalidFile(file, 'a file that loads', `nothing after ${LOAD_WITHIN_MS / 1000} s`))
  const timer = setTimeout(late, LOAD_WITHIN_MS)
  try {
    return await Promise.race([loading, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** One server answers for all pipelines, so no path may be taken twice. */
function checkOwn({ name, serve }: Plan, file: string, others: ReadonlyMap<string, Plan>): void {
  if (others.has(name)) throw notItsOwn(name, 'name', `a second pipeline in ${file}`)
  const owner = [...others.values()].find((other) => other.serve.path === serve.path)
  if (owner !== undefined) throw notItsOwn(name, 'serve.path', `${serve.path}, which ${owner.name} has`)
}

function notItsOwn(pipeline: string, path: string, found: string): SluiceFailure {
  const expected = path === 'name' ? 'a name of its own' : 'a path of its own'
  return failure('PIPELINE_INVALID', { pipeline, path, expected, found })
}

function invalidFile(file: string, expected: string, found: string, cause?: unknown): SluiceFailure {
  return failure('PIPELINE_INVALID', { pipeline: file, path: 'file', expected, found }, cause)
}
