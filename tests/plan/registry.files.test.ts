// Pipelines found in folders: names, order, and what is said when a file cannot be used.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { isFailure } from '../../schemas/failures.ts'
import { small } from '../fixtures/pipelines/definitions.ts'

let project = ''
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
})
afterEach(() => rm(project, { recursive: true, force: true }))

async function write(folder: string, text: string, file = 'pipeline.js'): Promise<void> {
  await mkdir(join(project, 'pipelines', folder), { recursive: true })
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  await writeFile(join(project, 'pipelines', folder, file), text)
}

const fileOf = (changes: object = {}) => `export default ${JSON.stringify({ ...small, ...changes })}\n`

/** What the first file that cannot be used fails with. */
async function whyInvalid(): Promise<Record<string, unknown>> {
  const { invalid } = await loadPipelines(project)
  return await facts(Promise.reject(invalid[0]?.failure ?? new Error('every file can be used')))
}

async function facts(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isFailure(error)) throw error ?? new Error('no failure')
  return { code: error.code, ...error.facts }
}

test('the pipelines of this project resolve', async () => {
  const { plans, invalid } = await loadPipelines(resolve(import.meta.dirname, '../..'))
  expect(invalid).toEqual([])
  expect([...plans.keys()]).toEqual([
    ...['diabetes', 'diagnosis', 'digits', 'digits-images', 'digits-tabular'],
    ...['sentiment', 'spam', 'textgen', 'textgen-full'],
  ])
})

test('finds one file per folder', async () => {
  await write('b', fileOf({ name: 'b', serve: { path: '/b' } }))
  await write('a', fileOf({ name: 'a', serve: { path: '/a' } }))
  await write('notes', 'no pipeline here', 'README.md')
  const { plans, files } = await loadPipelines(project)
  expect([...plans.keys()]).toEqual(['a', 'b'])
  expect(files.get('b')).toBe('pipelines/b/pipeline.js')
  expect((await loadPipeline(project, 'b')).serve.path).toBe('/b')
})

test('names what exists when one is unknown', async () => {
  await write('a', fileOf({ name: 'a' }))
  expect(await facts(loadPipeline(project, 'x'))).toEqual({ code: 'PIPELINE_UNKNOWN', pipeline: 'x', found: 'a' })
})

test('says where it looked when nothing exists', async () => {
  expect((await facts(loadPipeline(project, 'x'))).found).toBe(`none under ${join(project, 'pipelines')}`)
})

test('two pipelines cannot share a name', async () => {
  await write('a', fileOf())
  await write('b', fileOf())
  expect(await whyInvalid()).toMatchObject({ code: 'PIPELINE_INVALID', path: 'name' })
})

test('two pipelines cannot share a path', async () => {
  await write('a', fileOf({ name: 'a', serve: { path: '/x' } }))
  await write('b', fileOf({ name: 'b', serve: { path: '/x' } }))
  expect(await whyInvalid()).toMatchObject({
    pipeline: 'b',
    path: 'serve.path',
    found: '/x, which a has',
  })
})

test('a file without a default export is refused', async () => {
  await write('a', 'export const pipeline = {}')
  expect(await whyInvalid()).toMatchObject({ path: 'file', found: 'no default export' })
})

test('a file that throws is named', async () => {
  await write('a', 'throw new Error("boom")')
  expect(await whyInvalid()).toMatchObject({
    pipeline: 'pipelines/a/pipeline.js',
    found: 'Error: boom',
  })
})
