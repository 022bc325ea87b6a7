// A project in which one pipeline file is broken: the other pipeline is applied, shown and asked all the same.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

const FILE = 'pipelines/bad/pipeline.ts'
const CODE = 'PIPELINE_INVALID'

let project: TemporaryProject
beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  mkdirSync(join(project.directory, 'pipelines', 'bad'))
  writeFileSync(join(project.directory, FILE), 'throw new Error("half edited")\n')
})
afterAll(() => project.remove())

const json = (...argv: string[]) => sluiceJson(argv, project.env)

test('a command that names the other one does not see it', async () => {
  const applied = await json('apply', 'pears')
  expect([applied.code, applied.answer]).toMatchObject([0, { pipeline: 'pears' }])
  expect(applied.stderr).not.toContain('bad')
  expect(await json('models', 'pears')).toMatchObject({ code: 0, answer: { champion: null } })
  expect(await json('predict', 'pears')).toMatchObject({ code: 4, answer: { error: { code: 'NO_CHAMPION' } } })
})

test('a command that names it says why it fails', async () => {
  const { code, answer } = await json('apply', 'bad')
  expect([code, answer]).toMatchObject([1, { error: { code: CODE, facts: { found: 'Error: half edited' } } }])
})

test('apply of all applies the valid ones and fails in the end', async () => {
  const { code, answer, stderr } = await json('apply')
  expect([code, answer]).toMatchObject([1, { applied: [{ pipeline: 'pears' }], invalid: [{ file: FILE, code: CODE }] }])
  expect(stderr.match(/half edited/g)).toHaveLength(1)
})

test('status shows the valid ones and says which is left out', async () => {
  const { code, answer } = await json('status')
  expect([code, answer]).toMatchObject([
    0,
    { pipelines: [{ pipeline: 'pears' }], invalid: [{ file: FILE, code: CODE }] },
  ])
  const { stdout } = await sluice(['status'], project.env)
  expect(stdout.match(/half edited/g)).toHaveLength(1)
  expect(stdout).toContain(`✗ ${FILE} is left out`)
})

test('doctor names the file', async () => {
  const { code, answer } = await json('doctor')
  const checks = answer.checks as { name: string; ok: boolean; found: string }[]
  expect(code).toBe(4)
  expect(checks.filter(({ ok, name }) => !ok && name.startsWith('pipeline'))).toMatchObject([
    { name: `pipeline file ${FILE}` },
  ])
  expect(checks.find(({ name }) => name === 'Kafka')!.found).toContain('topics: pears-')
})
