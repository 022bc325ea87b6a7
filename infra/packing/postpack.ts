// After `npm pack`: the clone's package.json comes back, what was built goes.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ROOT_DIR } from '../places.ts'
import { BUILT } from './build-package.ts'

/** Where the clone's package.json waits while the package's stands in its place. */
export const CLONE_MANIFEST = path.join(ROOT_DIR, '.sluice', 'package.clone.json')

export async function restoreManifest(): Promise<void> {
  if (existsSync(CLONE_MANIFEST)) await rename(CLONE_MANIFEST, path.join(ROOT_DIR, 'package.json'))
}

if (import.meta.main) {
  await restoreManifest()
  await rm(path.join(ROOT_DIR, BUILT), { recursive: true, force: true })
}
