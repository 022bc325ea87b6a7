// How a person calls this program from where they are: printed commands work when they are pasted.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { ROOT_DIR } from '../infra/places.ts'

export interface Standpoint {
  /** folder of this program */
  readonly root: string
  /** folder in which the person is */
  readonly cwd: string
  readonly exists: (file: string) => boolean
}

/** In a clone "./sluice", from its sub-folders "../sluice"; in a project that depends on it "npx sluice"; elsewhere the whole path. */
export function launcherFor({ root, cwd, exists }: Standpoint): string {
  const inside = path.relative(root, cwd)
  const isInside = !inside.startsWith('..') && !path.isAbsolute(inside)
  if (isInside && !isInstalled(root)) return inside === '' ? './sluice' : path.join(path.relative(cwd, root), 'sluice')
  if (foldersUp(cwd).some((folder) => exists(path.join(folder, 'node_modules', '.bin', 'sluice')))) return 'npx sluice'
  if (isInstalled(root)) return 'sluice' // globally, where its folder of programs is on the PATH
  return quoted(path.join(root, 'sluice'))
}

const isInstalled = (root: string): boolean => root.split(path.sep).includes('node_modules')

function foldersUp(folder: string): string[] {
  const above = path.dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersUp(above)]
}

const quoted = (file: string): string => (/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`)

let here: string | undefined

/** Texts write commands as `sluice …` between backticks; in what is printed they begin as this machine needs it. */
export function withLauncher(text: string): string {
  here ??= launcherFor({ root: ROOT_DIR, cwd: process.cwd(), exists: existsSync })
  return text.replaceAll(/`sluice(?=[ `])/g, () => `\`${here}`)
}
