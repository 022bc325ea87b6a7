// Versions of installed packages, with everything they depend on.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Package of an import, e.g. "@scope/name/file.js" → "@scope/name". */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}

const TYPES = /^@types\/|\/types$/

/**
 * "name@version" of the packages and of all that they depend on, sorted, each once; as Node resolves them from `fromDir`.
 * What is not installed (an optional dependency of another platform) is left out, and so are packages of types: nothing of them runs.
 */
export function installedVersions(names: readonly string[], fromDir: string): string[] {
  const found = new Set<string>()
  const visited = new Set<string>()
  const visit = (name: string, from: string): void => {
    if (TYPES.test(name)) return
    const folder = findPackage(name, from)
    if (folder === undefined || visited.has(folder)) return
    visited.add(folder)
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest
    found.add(`${manifest.name}@${manifest.version}`)
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) visit(next, folder)
  }
  for (const name of names) visit(name, fromDir)
  return [...found].sort()
}

/** The folder that Node would take, nearest first. */
function findPackage(name: string, from: string): string | undefined {
  for (let dir = from; ; dir = path.dirname(dir)) {
    const folder = path.join(dir, 'node_modules', name)
    if (existsSync(path.join(folder, 'package.json'))) return folder
    if (dir === path.dirname(dir)) return undefined
  }
}
