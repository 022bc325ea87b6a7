// The words of formats: sources, paths, headers and units, and what of them is refused.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { column, kafka, type PipelineDefinition } from '../../../index.ts'
import { loadPipeline } from '../../../plan/registry.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import type { SourceSpec } from '../../../schemas/plan.ts'
import { planShape } from '../../../schemas/plan.ts'
import { small } from '../../fixtures/pipelines/definitions.ts'

const withColumn = (word: object) =>
  ({ ...small, columns: { ...small.columns, more: word } }) as unknown as PipelineDefinition
const withSource = (source: object) => ({ ...small, source }) as unknown as PipelineDefinition
/** As the trainer's process gets it. */
const passed = (definition: PipelineDefinition) =>
  planShape.read({ what: 'plan', path: '' }, JSON.parse(JSON.stringify(resolvePipeline(definition))))
const resolved = (word: object) => passed(withColumn(word)).columns.at(-1)

test.each([
  [column.id({ from: 'a.b' }), { kind: 'id', from: 'a.b' }],
  [column.time({ unit: 'us', from: 'x' }), { kind: 'time', unit: 'us', from: 'x' }],
  [column.category(['a', 'b'], { from: 'x-y.z' }), { kind: 'category', values: ['a', 'b'], from: 'x-y.z' }],
  [column.category({ top: 3, from: 'x' }), { kind: 'category', top: 3, from: 'x' }],
  [column.category({ from: 'x' }), { kind: 'category', from: 'x' }],
  [column.number({ min: 0, from: 'x' }), { kind: 'number', min: 0, from: 'x' }],
  [column.flag({ from: 'x' }), { kind: 'flag', from: 'x' }],
  [column.header('host'), { kind: 'text', maxBytes: 1024, header: 'host' }],
  [column.text({ maxBytes: 9, from: 'x' }), { kind: 'text', maxBytes: 9, from: 'x' }],
])('%j is a word', (word, expected) => {
  if (word.kind === 'id') return expect(word).toEqual(expected)
  expect(resolved(word)).toEqual({ name: 'more', ...expected })
})

test.each([
  [{ kind: 'flag', from: '' }, 'columns.more.from'],
  [{ kind: 'flag', from: 'a..b' }, 'columns.more.from'],
  [{ kind: 'flag', from: 7 }, 'columns.more.from'],
  [{ kind: 'flag', header: 'x' }, 'columns.more.header'],
  [{ kind: 'text', maxBytes: 9, header: '' }, 'columns.more.header'],
  [{ kind: 'text', maxBytes: 9, header: 'x', from: 'y' }, 'columns.more'],
  [{ kind: 'time', unit: 'minutes' }, 'columns.more.unit'],
])('%j is refused', (word, path) => {
  expect(() => resolvePipeline(withColumn(word))).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ path }) }),
  )
})

test.each([
  kafka('t', { format: 'json' }),
  kafka('t', { format: 'json', registry: true }),
  kafka('t', { format: 'avro', schema: '"string"' }),
  kafka('t', { format: 'avro', registry: true, schema: '"string"' }),
  kafka('t', { format: 'protobuf', schema: 'message A {}', message: 'A' }),
  kafka('t', { format: 'protobuf', registry: true }),
])('%j is a source', (source) => {
  expect(passed(withSource(source)).source).toEqual(source)
})

test.each([
  [{ format: 'protobuf' }, 'source.schema'],
  [{ format: 'json', schema: '{}' }, 'source.schema'],
  [{ format: 'protobuf', registry: true, schema: 'x' }, 'source.schema'],
  [{ format: 'avro', schema: 'x'.repeat(200_000) }, 'source.schema'],
  [{ format: 'avro', schema: '{}', message: 'A' }, 'source.message'],
  [{ format: 'protobuf', registry: true, message: 'A' }, 'source.message'],
  [{ format: 'avro', registry: 'yes' }, 'source.registry'],
])('a source %j is refused', (source, path) => {
  const definition = withSource({ topic: 't', ...source })
  expect(() => resolvePipeline(definition)).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ path }) }),
  )
})

test('a schema file becomes a part of the plan', async () => {
  const project = await mkdtemp(join(tmpdir(), 'sluice-formats-'))
  try {
    const folder = join(project, 'pipelines', 'churn')
    await mkdir(folder, { recursive: true })
    const source: Omit<SourceSpec, 'topic'> = { format: 'avro', schema: './event.avsc' }
    const definition = JSON.stringify(withSource({ topic: 't', ...source }))
    await writeFile(join(folder, 'pipeline.ts'), `export default ${definition}`)
    await expect(loadPipeline(project, 'churn')).rejects.toMatchObject({ code: 'PIPELINE_INVALID' })
    await writeFile(join(folder, 'event.avsc'), '"string"')
    const plan = await loadPipeline(project, 'churn')
    expect(plan.source).toEqual({ topic: 't', format: 'avro', schema: '"string"' })
  } finally {
    await rm(project, { recursive: true })
  }
})
