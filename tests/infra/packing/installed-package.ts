// The package of this clone as it lies in a folder after `npm install`: ours out of the tarball, the packages it names as the clone has them.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packClone } from '../../../infra/packing/pack-clone.ts'
import { ROOT_DIR } from '../../../infra/places.ts'

export interface InstalledPackage {
  /** outside the clone; its node_modules hold the package */
  readonly folder: string
  /** of the package, what its users start */
  readonly program: string
  remove(): void
}

/** Nothing is fetched: the clone's packages are linked, but those that a user's npm would not install. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-outside-'))
  const modules = path.join(folder, 'node_modules')
  const tarball = await packClone(folder)
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  cpSync(path.join(folder, 'package'), path.join(modules, 'sluice'), { recursive: true })
  const { devDependencies } = manifestOf(ROOT_DIR)
  const ours = manifestOf(path.join(modules, 'sluice')).dependencies
  const theirs = new Set(Object.keys(devDependencies).filter((name) => !(name in ours)))
  for (const name of packagesIn(path.join(ROOT_DIR, 'node_modules'))) {
    if (theirs.has(name) || name === 'sluice') continue
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true })
    symlinkSync(path.join(ROOT_DIR, 'node_modules', name), path.join(modules, name))
  }
  return {
    folder,
    program: path.join(modules, 'sluice', 'dist', 'sluice'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const manifestOf = (folder: string): Record<'dependencies' | 'devDependencies', Record<string, string>> =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))

function packagesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return []
    if (!name.startsWith('@')) return [name]
    return readdirSync(path.join(modules, name)).map((scoped) => `${name}/${scoped}`)
  })
}
