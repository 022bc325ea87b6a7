// The pipeline of the guide and the network of another, used as a reader would: in a project of its own, by its types and by its values.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../index.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
let project = ''

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sluice-guide-'))
  const guide = await readFile(join(root, 'docs/guides/write-a-pipeline.md'), 'utf8')
  const snippet = /```ts\n([\s\S]*?)```/.exec(guide)?.[1]
  await mkdir(join(project, 'pipelines/returns'), { recursive: true })
  await mkdir(join(project, 'node_modules'))
  await symlink(join(root, 'node_modules/@tensorflow'), join(project, 'node_modules/@tensorflow'))
  await symlink(root, join(project, 'node_modules/sluice'))
  await writeFile(join(project, 'pipelines/returns/pipeline.ts'), snippet ?? '')
  const models = await readFile(join(root, 'docs/guides/models.md'), 'utf8')
  await writeFile(join(project, 'pipelines/network.ts'), /```ts\n([\s\S]*?)```/.exec(models)?.[1] ?? '')
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  const compilerOptions = { rewriteRelativeImportExtensions: false, typeRoots: [join(root, 'node_modules/@types')] }
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['pipelines'] }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings))
})

afterAll(() => rm(project, { recursive: true, force: true }))

test('it compiles', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, '-p', project]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

test('it loads in a project of its own', async () => {
  const script = `
    import { loadPipelines } from ${JSON.stringify(join(root, 'plan/registry.ts'))}
    console.log(JSON.stringify([...(await loadPipelines(${JSON.stringify(project)})).plans.values()]))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script])
  const [plan] = JSON.parse(stdout) as Plan[]
  expect(plan).toMatchObject({ name: 'returns', serve: { path: '/returns' }, predict: { column: 'returned' } })
})
