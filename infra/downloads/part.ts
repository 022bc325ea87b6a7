// Half of a download: kept in the cache under the sum that it is to have, so that a later process goes on where this one ended.
import { existsSync } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '../../core/make-folder.ts'
import { isAlive } from '../../core/process-identity.ts'

/** → a path that only this process writes; what an ended process left there is taken over. */
export async function ownPart(cacheDir: string, sha256: string): Promise<string> {
  const folder = path.join(cacheDir, 'downloads')
  await makeFolder(folder)
  const own = path.join(folder, `${sha256}.${process.pid}.part`)
  if (existsSync(own)) return own
  for (const name of await readdir(folder)) {
    const pid = Number(new RegExp(`^${sha256}\\.(\\d+)\\.part$`).exec(name)?.[1])
    if (!(pid > 0) || (pid !== process.pid && isAlive(pid))) continue
    const adopted = await rename(path.join(folder, name), own).then(
      () => true,
      () => false, // another process was faster
    )
    if (!adopted) continue
    await rename(path.join(folder, `${name}.ranges`), `${own}.ranges`).catch(() => {}) // where it was fetched in parts
    break
  }
  return own
}
