// Without a C++ compiler on the machine the addon is built by the one of a wheel, and trains to the same bits.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { runCommand } from '../../../infra/downloads/run-command.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import { ROOT_DIR } from '../../../infra/places.ts'
import {
  checkAddon,
  compileAddon,
  ensureCompiler,
  findAddonPackage,
  INNER_FILE,
} from '../../../infra/tensorflow/addon.ts'
import { wheelLibrary } from '../../../infra/tensorflow/library.ts'
import { ensureNative } from '../../../infra/tensorflow/native.ts'
import { stockLibrary } from '../../../infra/tensorflow/stock.ts'
import { fakePrograms } from '../programs.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-zig-'))
const { PATH } = process.env

afterAll(() => {
  process.env.PATH = PATH
  rmSync(folder, { recursive: true })
})

/** The installed package with another addon; what it depends on is found where it always is. */
function copyOfPackage(source: NonNullable<ReturnType<typeof findAddonPackage>>): typeof source {
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(folder, 'node_modules'))
  const copy = path.join(folder, 'package')
  for (const part of ['package.json', 'dist', 'binding']) {
    cpSync(path.join(source.folder, part), path.join(copy, part), { recursive: true })
  }
  const addon = path.join(copy, path.relative(source.folder, source.addon))
  mkdirSync(path.dirname(addon), { recursive: true })
  return { ...source, folder: copy, addon }
}

/** Some steps of Adam on a small network; → its weights' digest, and what was said beside it. */
async function trainWith(packageFolder: string): Promise<string> {
  const program = `
    const util = require('node:util')
    util.isNullOrUndefined ??= (value) => value == null
    util.isArray ??= Array.isArray
    const tf = require(${JSON.stringify(packageFolder)})
    const [w, v] = [[16, 32], [32, 4]].map((shape, seed) => tf.variable(tf.randomNormal(shape, 0, 0.3, 'float32', seed + 1)))
    const [x, y] = [[64, 16], [64, 4]].map((shape, seed) => tf.randomUniform(shape, 0, 1, 'float32', seed + 3))
    const adam = tf.train.adam(0.01)
    for (let step = 0; step < 30; step++) adam.minimize(() => tf.losses.meanSquaredError(y, x.matMul(w).tanh().matMul(v)))
    const hash = require('node:crypto').createHash('sha256')
    for (const each of [w, v]) hash.update(Buffer.from(each.dataSync().buffer))
    console.log('WEIGHTS ' + hash.digest('hex'))
    process.exit(0)`
  const env = { TF_CPP_MIN_LOG_LEVEL: '3' }
  const { stdout, stderr } = await runCommand(process.execPath, ['--disable-warning=DEP0051', '-e', program], { env })
  return `${/^WEIGHTS (\w{64})$/m.exec(stdout)?.[1] ?? ''}${stderr}`
}

test('builds what trains to the same bits', { timeout: 9 * 60_000 }, async (context) => {
  const { cacheDir } = loadConfig()
  const native = await ensureNative({ cacheDir })
  if (!native.ok) return context.skip(`${native.why}; ${native.fix}`)
  const source = findAddonPackage()!
  const { files } =
    native.tensorflow === VERSIONS.tensorflow ? wheelLibrary(native.variant) : stockLibrary(native.variant)
  const library = { folder: native.libraryDir, files }
  const copy = copyOfPackage(source)
  process.env.PATH = fakePrograms({}) // no compiler
  const compiler = await ensureCompiler({ cacheDir, say: () => {} })
  process.env.PATH = PATH
  expect(compiler.name).toMatch(/^zig /)
  await compileAddon({ source, library, folder: path.dirname(copy.addon) }, compiler)
  expect(await checkAddon(copy)).toEqual({ tensorflow: native.tensorflow, gpu: native.gpu })
  const weights = await trainWith(source.folder)
  expect(weights).toMatch(/^\w{64}$/)
  expect(await trainWith(copy.folder)).toBe(weights)
  rmSync(path.join(path.dirname(copy.addon), INNER_FILE))
  await expect(checkAddon(copy)).rejects.toThrow(/does not load: .*tensorflow\.node: cannot open shared object file/)
})
