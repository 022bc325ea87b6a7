// The package in a project outside the clone, on real servers: from `init` to an answer, without a source of ours being run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ROOT_DIR } from '../../../infra/places.ts'
import { stageCode } from '../../../workers/code/stage-code.ts'
import { type TemporaryProject, temporaryProject } from '../../cli/temporary-project.ts'
import { type InstalledPackage, installPackage } from './installed-package.ts'

let installed: InstalledPackage
let settings: TemporaryProject
let project = ''
let worker: ReturnType<typeof start> | undefined

beforeAll(async () => {
  settings = await temporaryProject(inject('endpoints')) // for its bucket and namespace
  installed = await installPackage()
  project = path.join(installed.folder, 'my-returns')
}, 120_000)
afterAll(async () => {
  worker?.child.kill('SIGTERM')
  await worker?.ended
  installed.remove()
  settings.remove()
})

function start(args: readonly string[], { cwd = project, program = installed.program } = {}) {
  const { SLUICE_PROJECT: _, ...env } = settings.env
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    err += String(chunk)
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, out, err }))
  return { child, ended, said: () => out + err }
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await start([...args, '--json']).ended
  expect(code, err).toBe(0)
  return JSON.parse(out)
}

test('a project is made, tested, trained, approved and asked', { timeout: 300_000 }, async () => {
  const made = await start(['init', 'my-returns', '--sluice', 'file:../package'], { cwd: installed.folder }).ended
  expect(made.code, made.err).toBe(0)
  expect(existsSync(path.join(project, 'pipelines', 'returns', 'pipeline.ts'))).toBe(true)
  expect(await json('test', 'returns')).toMatchObject({ pipeline: 'returns', verdict: 'PASS' })

  await json('apply', 'returns')
  await json('send', 'returns')
  worker = start(['worker'])
  await expect.poll(worker.said, { timeout: 60_000 }).toContain('worker: ready')
  const run = await json('run', 'returns')
  expect(run).toMatchObject({ outcome: 'waiting for approval', evaluation: { verdict: 'PASS' } })
  const { digest } = run.candidate as { digest: string }
  await expect
    .poll(() => json('models', 'returns').then(({ open }) => open), { timeout: 15_000 })
    .toHaveProperty(digest)
  expect(await json('approve', 'returns', '--reason', 'good')).toMatchObject({ state: 'approved', candidate: digest })
  expect(await json('models', 'returns')).toMatchObject({ champion: digest })
})

test('nothing under node_modules needs types taken away', () => {
  const ours = path.join(installed.folder, 'node_modules', 'sluice', 'dist')
  const files = readdirSync(ours, { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('templates'))).toEqual([])
})

test('its program starts from a shell, from Node, and says what it is', async () => {
  const { version } = JSON.parse(readFileSync(path.join(ROOT_DIR, 'package.json'), 'utf8')) as { version: string }
  const said = `sluice ${version}, Node ${process.versions.node}\n`
  expect(await start(['--version']).ended).toMatchObject({ code: 0, out: said })
  const throughNode = { program: process.execPath }
  expect(await start([installed.program, '--version'], throughNode).ended).toMatchObject({ code: 0, out: said })
  expect(await start([installed.program, 'no-such'], throughNode).ended).toMatchObject({ code: 2 })
})

test('its fingerprints are those of the clone', async () => {
  const script = `import { stageCode } from ${JSON.stringify(path.join(installed.folder, 'node_modules/sluice/dist/workers/code/stage-code.js'))}
console.log(JSON.stringify(await stageCode()))`
  const { code, out, err } = await start(['--input-type=module', '-e', script], { program: process.execPath }).ended
  expect(code, err).toBe(0)
  const { codeParts, ...found } = JSON.parse(out)
  const { codeParts: expected, ...own } = await stageCode()
  expect(codeParts).toEqual(expected) // where they differ, this says which files do
  expect(found).toEqual(own)
})
