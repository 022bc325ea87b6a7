// Every pipeline of a project, by name: the default exports of pipelines/*/pipeline.ts.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { similarTo } from '../core/similar-names.ts'
import { failure, isFailure, type SluiceFailure } from '../schemas/failures.ts'
import type { Plan } from '../schemas/plan.ts'
import { withFiles } from './resolve/files.ts'
import { resolvePipeline } from './resolve/resolve.ts'
import type { PipelineDefinition } from './words/define.ts'

const FILES = ['pipeline.ts', 'pipeline.js']
/** Every command loads all of them, one beside the other: long enough for a busy machine, and no person should wait longer for one that never ends. */
const LOAD_WITHIN_MS = 10_000

/** A pipeline file that cannot be used, and why. */
export interface InvalidFile {
  /** relative to the project */
  readonly file: string
  readonly failure: SluiceFailure
}

export interface Pipelines {
  /** by name, in order of folder names */
  readonly plans: ReadonlyMap<string, Plan>
  /** the file of every plan, relative to the project, by name */
  readonly files: ReadonlyMap<string, string>
  /** what the other files fail with: they stop nobody but themselves */
  readonly invalid: readonly InvalidFile[]
}

/** Resolves every pipeline. Files that claim the same name are all left out; of two with the same path, the one in the first folder stays. */
export async function loadPipelines(projectDir: string): Promise<Pipelines> {
  const paths = await pipelineFiles(projectDir)
  const loaded = await Promise.all(paths.map((path) => tryFile(projectDir, path)))
  const plans = new Map<string, Plan>()
  const files = new Map<string, string>()
  const invalid: InvalidFile[] = []
  for (const each of loaded) {
    const found = 'plan' in each ? (twinOf(each, loaded) ?? pathTaken(each.plan, plans)) : each.failure
    if (found !== null) invalid.push({ file: each.file, failure: found })
    else if ('plan' in each) {
      plans.set(each.plan.name, each.plan)
      files.set(each.plan.name, each.file)
    }
  }
  return { plans, files, invalid }
}

interface Usable {
  readonly file: string
  readonly plan: Plan
}

async function tryFile(projectDir: string, path: string): Promise<Usable | InvalidFile> {
  const file = relative(projectDir, path)
  try {
    return { file, plan: await loadFile(projectDir, path) }
  } catch (error) {
    return { file, failure: isFailure(error) ? error : invalidFile(file, 'a definition', String(error), error) }
  }
}

/** One pipeline, whatever other files are like. Throws what its own file fails with, PIPELINE_UNKNOWN with the names that exist. */
export async function loadPipeline(projectDir: string, name: string): Promise<Plan> {
  const { plans, invalid } = await loadPipelines(projectDir)
  const plan = plans.get(name)
  if (plan !== undefined) return plan
  const own = invalid.find((each) => isMeant(each, name))
  if (own !== undefined) throw own.failure
  const names = plans.size === 0 ? `none under ${join(projectDir, 'pipelines')}` : [...plans.keys()].join(', ')
  const others = invalid.length === 0 ? '' : `; not usable: ${invalid.map(({ file }) => file).join(', ')}`
  const [meant] = similarTo([...plans.keys()])(name)
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`
  throw failure('PIPELINE_UNKNOWN', { pipeline: name, found: names + others + guess })
}

/** Whether a file may be the one of a name. One that cannot be read does not say its own: its folder then does. */
export function isMeant({ file, failure: { facts } }: InvalidFile, name: string): boolean {
  return facts.pipeline === name || basename(dirname(file)) === name
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

/** Nobody can say which of two files with one name is meant. */
function twinOf({ file, plan: { name } }: Usable, loaded: readonly (Usable | InvalidFile)[]): SluiceFailure | null {
  const twin = loaded.find((other) => other.file !== file && 'plan' in other && other.plan.name === name)
  return twin === undefined ? null : notItsOwn(name, 'name', `the same one in ${twin.file}`)
}

/** One server answers for all pipelines, so no path may be taken twice. */
function pathTaken({ name, serve }: Plan, others: ReadonlyMap<string, Plan>): SluiceFailure | null {
  const owner = [...others.values()].find((other) => other.serve.path === serve.path)
  return owner === undefined ? null : notItsOwn(name, 'serve.path', `${serve.path}, which ${owner.name} has`)
}

function notItsOwn(pipeline: string, path: string, found: string): SluiceFailure {
  const expected = path === 'name' ? 'a name of its own' : 'a path of its own'
  return failure('PIPELINE_INVALID', { pipeline, path, expected, found })
}

function invalidFile(file: string, expected: string, found: string, cause?: unknown): SluiceFailure {
  return failure('PIPELINE_INVALID', { pipeline: file, path: 'file', expected, found }, cause)
}
