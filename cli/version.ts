// What this is: its version, the Node that runs it, and in a clone the commit.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT_DIR } from '../infra/places.ts'

/** "sluice 0.1.0, Node 24.21.0, commit 3bac6b2 with changes"; without git or outside of a clone it has no commit. */
export function versionLine(): string {
  const { version } = JSON.parse(readFileSync(path.join(packageDir(), 'package.json'), 'utf8')) as { version: string }
  return `sluice ${version}, Node ${process.versions.node}${commit()}`
}

/** A clone is a package itself; in the published one programs lie in a folder of it (`infra/packing/build-package.ts`). */
const packageDir = (): string => (existsSync(path.join(ROOT_DIR, 'package.json')) ? ROOT_DIR : path.dirname(ROOT_DIR))

function commit(): string {
  if (!existsSync(path.join(ROOT_DIR, '.git'))) return '' // of another repository around it nothing is told
  try {
    return `, commit ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`
  } catch {
    return ''
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT_DIR, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
