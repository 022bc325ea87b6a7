// From a table to a topic and back on a real broker: what send puts there inspect reads.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

const COUNT = 300
let project: TemporaryProject
let topic: string
let table: string

beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  topic = `kernels-${project.env.SLUICE_S3_BUCKET}`
  table = join(project.directory, 'kernels.csv')
  const lines = Array.from(
    { length: COUNT },
    (_, i) => `${i % 10}.5;${i % 2 ? 'NA' : 'red'};${i % 10 > 4 ? 'big' : 'small'}`,
  )
  writeFileSync(table, ['size;colour;class', ...lines].join('\n'))
})
afterAll(() => project.remove())

test('a table that was sent is proposed from its topic', async () => {
  const out = join(project.directory, 'pipelines', topic, 'pipeline.ts')
  expect((await sluiceJson(['inspect', table, '--name', topic, '--out', out], project.env)).code).toBe(0)
  expect((await sluiceJson(['apply', topic], project.env)).code).toBe(0)
  const sent = await sluiceJson(['send', topic, '--file', table], project.env)
  expect(sent).toMatchObject({ code: 0, answer: { sent: COUNT } })
  const { answer } = await sluiceJson(['inspect', topic], project.env)
  expect(answer).toMatchObject({ rows: COUNT, id: { name: 'id', made: false }, label: 'class', broken: 0, leftOut: [] })
  const newest = await sluiceJson(['inspect', topic, '--rows', '50'], project.env)
  expect(newest.answer).toMatchObject({ rows: 50 })
})

test('a topic that is not there is named', async () => {
  const { code, stderr } = await sluice(['inspect', 'no-such-topic'], project.env)
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('TOPIC_UNKNOWN')])
  expect(code).not.toBe(0)
})
