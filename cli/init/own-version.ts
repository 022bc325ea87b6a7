// Which sluice a new project depends on: the one that makes it.
import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { ROOT_DIR } from '../../infra/places.ts'

/** Where a project keeps a package that no registry has. */
const VENDOR = 'vendor'

/** What its package.json says; a package that came from a clone or a file is copied into the project, so that it can move. */
export async function ownVersion(project: string): Promise<string> {
  if (existsSync(path.join(ROOT_DIR, 'infra', 'packing', 'build-package.ts'))) return packClone(project)
  const packageDir = path.dirname(ROOT_DIR)
  const { version } = JSON.parse(await readFile(path.join(packageDir, 'package.json'), 'utf8')) as { version: string }
  const tarball = (await installedFrom(packageDir)) ?? (await namedAbove(process.cwd()))
  if (tarball === undefined) return version
  const place = path.join(project, VENDOR, `sluice-${version}.tgz`)
  await makeFolder(path.dirname(place))
  await copyFile(tarball, place)
  return vendored(place)
}

const vendored = (tarball: string): string => `file:${VENDOR}/${path.basename(tarball)}`

async function packClone(project: string): Promise<string> {
  const { packClone: pack } = await import('../../infra/packing/pack-clone.ts')
  return vendored(await pack(path.join(project, VENDOR)))
}

interface Lock {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>
}

/** The tarball that npm notes as this package's origin; undefined when it came from a registry. */
async function installedFrom(packageDir: string): Promise<string | undefined> {
  const modules = path.dirname(packageDir)
  const lock = await readFile(path.join(modules, '.package-lock.json'), 'utf8').catch(() => '{}')
  const { resolved = '' } = (JSON.parse(lock) as Lock).packages?.['node_modules/sluice'] ?? {}
  if (!resolved.startsWith('file:')) return undefined
  const tarball = path.resolve(path.dirname(modules), resolved.slice('file:'.length))
  return existsSync(tarball) ? tarball : undefined
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** pnpm and Yarn note no origin: the tarball that the project says which this is called from. */
async function namedAbove(folder: string): Promise<string | undefined> {
  const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => '{}')
  const { dependencies, devDependencies } = JSON.parse(text) as Manifest
  const { sluice: spec } = { ...devDependencies, ...dependencies }
  if (spec === undefined) return folder === path.dirname(folder) ? undefined : await namedAbove(path.dirname(folder))
  const tarball = path.resolve(folder, spec.slice('file:'.length))
  return spec.startsWith('file:') && spec.endsWith('.tgz') && existsSync(tarball) ? tarball : undefined
}
