// Before `npm pack`: builds the package and lays it over the clone, until postpack.ts takes it away again.
import { cp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ROOT_DIR } from '../places.ts'
import { BUILT, buildPackage } from './build-package.ts'
import { CLONE_MANIFEST, restoreManifest } from './postpack.ts'

await restoreManifest() // of a pack that was killed
const folder = path.join(ROOT_DIR, '.sluice', 'package')
const built = path.join(ROOT_DIR, BUILT)
await buildPackage(folder)
await rm(built, { recursive: true, force: true })
await rename(path.join(folder, BUILT), built)
const manifest = path.join(ROOT_DIR, 'package.json')
await cp(manifest, CLONE_MANIFEST)
await rename(path.join(folder, 'package.json'), manifest) // last: what fails before leaves the clone as it was
await rm(folder, { recursive: true })
