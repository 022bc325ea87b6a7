// An archive from a server becomes a backend that multiplies: fetched, unpacked, compiled against, loaded by a child process.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { type AddonPackage, findAddonPackage, INNER_FILE } from '../../../infra/tensorflow/addon.ts'
import { libraryFolder, type NativeLibrary, wheelLibrary } from '../../../infra/tensorflow/library.ts'
import { ensureNative } from '../../../infra/tensorflow/native.ts'
import { stockLibrary } from '../../../infra/tensorflow/stock.ts'
import { packed, serveArchive } from '../archives.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'sluice-stock-build-'))
afterEach(() => rmSync(scratch, { recursive: true, force: true }))

/**
 * An archive laid out as TensorFlow's releases, small: its libraries are links to those of the wheel, once more under the name by
 * which the loader looks for them. It cannot show that the released TensorFlow computes.
 */
function archiveOver({ files }: NativeLibrary, wheelDir: string): Buffer {
  const folder = path.join(scratch, 'release')
  const lib = path.join(folder, 'lib')
  mkdirSync(lib, { recursive: true })
  const [library, framework] = stockLibrary('cpu').files
  for (const [name, target] of [
    [library, files[0]],
    [files[0], files[0]],
    [framework, files[1]],
  ] as const) {
    symlinkSync(path.join(wheelDir, target), path.join(lib, `${name}.0.0`))
    symlinkSync(`${name}.0.0`, path.join(lib, name)) // as in the releases
  }
  cpSync(path.join(wheelDir, 'include'), path.join(folder, 'include'), { recursive: true })
  return packed(folder)
}

/** A copy: the addon of the installed package is in use by other tests. */
function copyOfPackage({ folder, version }: AddonPackage): AddonPackage {
  const modules = path.join(scratch, 'node_modules')
  const copy = path.join(modules, '@tensorflow', 'tfjs-node-gpu')
  mkdirSync(path.dirname(copy), { recursive: true })
  cpSync(folder, copy, { recursive: true, filter: (file) => !/\/(lib|deps|src)(\/|$)/.test(file.slice(folder.length)) })
  const installed = path.resolve(folder, '..', '..')
  const tensorflow = readdirSync(path.join(installed, '@tensorflow')).map((name) => path.join('@tensorflow', name))
  for (const name of [...readdirSync(installed), ...tensorflow]) {
    const link = path.join(modules, name)
    if (!existsSync(link)) symlinkSync(path.join(installed, name), link)
  }
  return { folder: copy, version, addon: path.join(copy, 'lib', 'napi-v8', 'tfjs_binding.node') }
}

test('an archive becomes a backend', { timeout: 180_000 }, async ({ skip }) => {
  const installed = findAddonPackage()
  const wheels = await ensureNative({ cacheDir: loadConfig().cacheDir, gpu: false, source: 'wheel' })
  if (installed === undefined || !wheels.ok) return skip('no library to make an archive of')
  const wheel = wheelLibrary('cpu')
  const server = await serveArchive(archiveOver(wheel, libraryFolder(wheel, loadConfig().cacheDir)))
  const addonPackage = copyOfPackage(installed)
  const said: string[] = []
  const cacheDir = path.join(scratch, 'cache')
  const wish = { addonPackage, source: 'stock', gpu: false, archive: { url: server.url('release.tar.gz') } } as const
  const options = { ...wish, cacheDir, say: (line: string) => said.push(line) }
  const built = await ensureNative(options)
  const libraryDir = libraryFolder(stockLibrary('cpu', wish.archive), cacheDir)
  expect(built).toEqual({ ok: true, variant: 'cpu', libraryDir, tensorflow: wheels.tensorflow, gpu: false })
  const inner = path.join(path.dirname(addonPackage.addon), INNER_FILE)
  expect(readFileSync(inner).includes(libraryDir)).toBe(true) // its RUNPATH
  expect(said.at(-1)).toBe(`TensorFlow ${wheels.tensorflow} computes on the CPU`)
  said.length = 0
  expect(await ensureNative(options)).toEqual(built)
  expect([said, server.asked]).toEqual([[], ['/release.tar.gz']])
  server.close()
})
