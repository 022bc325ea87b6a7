// Pipeline files that cannot be used: each stops itself, and nobody else.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { small } from '../fixtures/pipelines/definitions.ts'

let project = ''
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
})
afterEach(() => rm(project, { recursive: true, force: true }))

async function write(folder: string, text: string): Promise<void> {
  await mkdir(join(project, 'pipelines', folder), { recursive: true })
  await writeFile(join(project, 'pipelines', folder, 'pipeline.js'), text)
}

const named = (name: string, changes: object = {}) =>
  `export default ${JSON.stringify({ ...small, name, serve: { path: `/${name}` }, ...changes })}\n`

test.each<[string, string, string]>([
  ['throws', 'throw new Error("boom")', 'Error: boom'],
  ['throws no error', 'throw null', 'null'],
  ['is no JavaScript', 'export default {', 'a file that loads'],
  ['imports what is not there', 'import "left-pad"', 'left-pad'],
  ['exports nothing', 'export const pipeline = {}', 'no default export'],
  ['exports null', 'export default null', 'null'],
  ['exports a function', 'export default () => ({})', 'a function'],
  ['misspells a word', named('bad', { gate: [] }), 'gate'],
  ['fails when it is read', 'export default { get name() { throw new Error("late") } }', 'late'],
  ['is empty', '', 'no default export'],
])('one that %s leaves the others alone', async (_what, text, words) => {
  await write('a', named('a'))
  await write('bad', text)
  await write('c', named('c'))
  const { plans, invalid } = await loadPipelines(project)
  expect([...plans.keys()]).toEqual(['a', 'c'])
  expect(invalid.map(({ file }) => file)).toEqual(['pipelines/bad/pipeline.js'])
  expect(invalid[0]!.failure).toMatchObject({ code: 'PIPELINE_INVALID' })
  expect(invalid[0]!.failure.message).toContain(words)
  expect((await loadPipeline(project, 'c')).name).toBe('c')
})

test('all of them are told, in order of folders', async () => {
  for (const folder of ['z', 'm', 'b']) await write(folder, `throw new Error("${folder}")`)
  const { plans, invalid } = await loadPipelines(project)
  expect(plans.size).toBe(0)
  expect(invalid.map(({ failure }) => failure.facts.found)).toEqual(['Error: b', 'Error: m', 'Error: z'])
})

test('what is asked for fails with its own reason', async () => {
  await write('a', named('a'))
  await write('bad', named('bad', { alpha: 2 }))
  await write('folder', 'throw new Error("nameless")')
  await expect(loadPipeline(project, 'bad')).rejects.toMatchObject({ facts: { path: 'alpha' } })
  await expect(loadPipeline(project, 'folder')).rejects.toMatchObject({ facts: { found: 'Error: nameless' } })
})

test('an unknown name tells what could not be looked into', async () => {
  await write('a', named('a'))
  await write('bad', 'throw new Error("boom")')
  const found = 'a; not usable: pipelines/bad/pipeline.js'
  await expect(loadPipeline(project, 'x')).rejects.toMatchObject({ code: 'PIPELINE_UNKNOWN', facts: { found } })
})

test('a name that two files claim means neither', async () => {
  await write('a', named('a'))
  await write('a-copy', named('a'))
  await expect(loadPipeline(project, 'a')).rejects.toMatchObject({ facts: { pipeline: 'a', path: 'name' } })
  const { plans, invalid } = await loadPipelines(project)
  expect(plans.size).toBe(0)
  expect(invalid.map(({ file, failure }) => [file, failure.facts.found])).toEqual([
    ['pipelines/a/pipeline.js', 'the same one in pipelines/a-copy/pipeline.js'],
    ['pipelines/a-copy/pipeline.js', 'the same one in pipelines/a/pipeline.js'],
  ])
})

test('a copy with a mistake does not stop the original', async () => {
  await write('a', named('a'))
  await write('a-copy', named('a', { alpha: 2 }))
  expect((await loadPipeline(project, 'a')).name).toBe('a')
})

test('a path that another one has stops the later one', async () => {
  await write('a', named('a'))
  await write('b', named('b', { serve: { path: '/a' } }))
  expect((await loadPipeline(project, 'a')).name).toBe('a')
  await expect(loadPipeline(project, 'b')).rejects.toMatchObject({ facts: { path: 'serve.path' } })
})

test('those that never end loading are left out, after one wait for all of them', async () => {
  await write('a', named('a'))
  await write('b', 'await new Promise(() => {})')
  await write('c', 'await new Promise(() => {})')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const loading = loadPipelines(project)
    await expect.poll(() => vi.getTimerCount(), { timeout: 20_000 }).toBe(2) // three at once, then one less: the first file is there
    vi.advanceTimersByTime(10_000)
    const { plans, invalid } = await loading
    expect([...plans.keys()]).toEqual(['a'])
    expect(invalid.map(({ failure }) => failure.facts.found)).toEqual(['nothing after 10 s', 'nothing after 10 s'])
  } finally {
    vi.useRealTimers()
  }
})

test('a link to a folder is a folder', async () => {
  await write('a', named('a'))
  await symlink(join(project, 'pipelines', 'nowhere'), join(project, 'pipelines', 'broken'))
  await mkdir(join(project, 'shared'))
  await writeFile(join(project, 'shared', 'pipeline.js'), named('b'))
  await symlink(join(project, 'shared'), join(project, 'pipelines', 'b'))
  const { plans, invalid } = await loadPipelines(project)
  expect([[...plans.keys()], invalid]).toEqual([['a', 'b'], []])
})
