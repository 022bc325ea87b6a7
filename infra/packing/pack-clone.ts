// The npm package of this clone as a tarball, without touching the clone.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { buildPackage } from './build-package.ts'

/** Packs into the folder and returns the tarball's path. Throws what npm says. */
export async function packClone(into: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-package-'))
  try {
    await buildPackage(path.join(folder, 'package'))
    await makeFolder(into)
    const result = await runCommand('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
      cwd: path.join(folder, 'package'),
    })
    if (result.code !== 0) throw new Error(`npm pack failed: ${lastLines(result)}`)
    const [{ filename }] = JSON.parse(result.stdout) as [{ filename: string }]
    return path.join(into, filename)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
