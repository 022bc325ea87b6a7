// A new project out of a template: what stands in its files, and where.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { usageError } from '../shell.ts'

export const TEMPLATES = ['tabular', 'regression', 'text', 'image'] as const
export type Template = (typeof TEMPLATES)[number]

/** Beside the sources, also in the published package. */
const TEMPLATES_DIR = path.join(import.meta.dirname, '..', '..', 'templates')

/** Names that npm gives a meaning of its own, or leaves out of a package, are others in the templates. */
const PLACES = {
  gitignore: '.gitignore',
  'ci.yml': path.join('.github', 'workflows', 'test.yml'),
  'tsconfig.json': 'tsconfig.json',
  'readme.txt': 'README.md',
} as const

export interface NewProject {
  readonly folder: string
  readonly template: Template
  /** what the project's package.json says of sluice, e.g. "0.1.0" or "file:vendor/sluice-0.1.0.tgz" */
  readonly sluice: string
}

export interface MadeProject {
  readonly name: string
  readonly pipeline: string
}

/** Throws a usage error where the folder's name is no name of a package, or the folder holds something. */
export async function requireNew(folder: string): Promise<void> {
  const name = path.basename(folder)
  if (!/^[a-z0-9][a-z0-9._-]{0,213}$/.test(name) || name === 'sluice' || name === 'node_modules') {
    const expected = 'a new name of small letters, digits and hyphens, such as my-project'
    throw usageError(`expected ${expected}, found ${name === '' ? folder : name}`)
  }
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw usageError(`expected a new or empty folder at ${folder}, found a file`)
    throw error
  })
  if (found.length > 0)
    throw usageError(
      `expected a new or empty folder at ${folder}, found ${found.slice(0, 3).join(', ')} in it: choose another name`,
    )
}

/** Writes the project; what it holds already is never written over. */
export async function makeProject({ folder, template, sluice }: NewProject): Promise<MadeProject> {
  const name = path.basename(folder)
  const own = path.join(TEMPLATES_DIR, template)
  const [pipeline = ''] = await readdir(path.join(own, 'pipelines'))
  await makeFolder(folder)
  await cp(own, folder, { recursive: true, force: false })
  const every = (file: string) => readFile(path.join(TEMPLATES_DIR, 'every', file), 'utf8')
  for (const [file, place] of Object.entries(PLACES)) {
    const text = (await every(file)).replaceAll('PROJECT', name).replaceAll('PIPELINE', pipeline)
    await writeNew(path.join(folder, place), text)
  }
  const manifest = { name, ...JSON.parse(await every('package.json')), dependencies: { sluice } }
  await writeNew(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return { name, pipeline }
}

async function writeNew(file: string, text: string): Promise<void> {
  await makeFolder(path.dirname(file))
  await writeFile(file, text, { flag: 'wx' })
}
