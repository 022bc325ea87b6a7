// sluice inspect on real tables: the proposed pipeline runs unchanged on the table it came from.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvRows } from '../../cli/tables/csv.ts'
import { sluice, sluiceJson } from './streams.ts'

mkdirSync(join(process.cwd(), '.sluice'), { recursive: true }) // a fresh clone has none
/** inside the repository, so that `sluice` resolves to this package */
const project = mkdtempSync(join(process.cwd(), '.sluice', 'test-inspect-'))
const THERE = { SLUICE_PROJECT: project, SLUICE_BACKEND: 'wasm' }
const FIXTURES = join(import.meta.dirname, '../fixtures/tables')
const PIPELINES = join(import.meta.dirname, '../../pipelines')

beforeAll(async () => {
  for (const name of ['wine.csv', 'penguins.csv']) copyFileSync(join(FIXTURES, name), join(project, name))
  copyFileSync(join(PIPELINES, 'diabetes', 'diabetes.csv'), join(project, 'diabetes.csv'))
  copyFileSync(join(PIPELINES, 'spam', 'mails.tsv'), join(project, 'mails.tsv'))
  const wine = await Array.fromAsync(csvRows(join(FIXTURES, 'wine.csv')))
  const names = Object.keys(wine[0]!)
  parquetWriteFile({
    filename: join(project, 'bottles.parquet'),
    columnData: names.map((name) => ({
      name,
      data: wine.map((row) => (name === 'class' ? row[name]! : Number(row[name]))),
      type: name === 'class' ? ('STRING' as const) : ('DOUBLE' as const),
    })),
  })
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

test.each([
  ['wine.csv', 'wine', 'category', 178],
  ['penguins.csv', 'penguins', 'category', 344],
  ['diabetes.csv', 'diabetes', 'number', 442],
  ['mails.tsv', 'mails', 'probability', 2_000],
  ['bottles.parquet', 'bottles', 'category', 178],
])(
  '%s runs unchanged',
  async (file, name, task, rows) => {
    const path = join(project, file)
    const proposed = await sluiceJson(
      ['inspect', path, '--out', join(project, 'pipelines', name, 'pipeline.ts')],
      THERE,
    )
    expect(proposed).toMatchObject({ code: 0, answer: { name, task } })
    const tested = await sluiceJson(['test', name, '--file', path], THERE)
    expect(tested).toMatchObject({
      code: 0,
      answer: { verdict: 'PASS', rejects: [], dataset: { accounting: { in: rows, clean: rows } } },
    })
  },
  60_000,
)

test('what is there is not overwritten', async () => {
  const out = join(project, 'pipelines', 'wine', 'pipeline.ts')
  const { code, stderr } = await sluice(['inspect', join(project, 'wine.csv'), '--out', out], THERE)
  expect([code, stderr]).toEqual([2, expect.stringContaining('expected a path where nothing is')])
})

test.each([
  ['1,2\n3,4\n', 'a first line that names the columns'],
  ['a,a\n3,4\n', 'different names'],
  ['a,b\n1,2,3\n', 'a CSV table'],
  [Buffer.from('city,ok\nKöln,1\nBonn,0\n', 'latin1'), 'expected UTF-8'],
])('%j is no table', async (text, words) => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-table-')), 'table.csv')
  writeFileSync(file, text)
  const { code, stderr } = await sluice(['inspect', file], THERE)
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
})

test('a log of clicks runs unchanged', async () => {
  const path = join(project, 'clicks.ndjson')
  const lines = Array.from({ length: 1_500 }, (_, i) => {
    const [position, device] = [1 + (i % 10), ['phone', 'desktop', 'tablet'][i % 3]]
    const at = new Date(Date.UTC(2026, 10, 1) + i * 60_000).toISOString()
    const clicked = (i * 7919) % 10 >= position - (device === 'phone' ? 2 : 0)
    return JSON.stringify({
      event_id: `c${i}`,
      at,
      user: { country: ['de', 'fr', 'at'][i % 3], device },
      position,
      clicked,
    })
  })
  writeFileSync(path, [...lines, 'no JSON', '[1, 2]'].join('\n'))
  const out = join(project, 'pipelines', 'clicks', 'pipeline.ts')
  const proposed = await sluiceJson(['inspect', path, '--out', out], THERE)
  expect(proposed).toMatchObject({
    code: 0,
    answer: { task: 'probability', label: 'clicked', broken: 2, features: ['country', 'device', 'position'] },
  })
  const tested = await sluiceJson(['test', 'clicks', '--file', path], THERE)
  expect(tested).toMatchObject({
    code: 0,
    answer: { verdict: 'PASS', dataset: { accounting: { in: 1_502, clean: 1_500 } } },
  })
}, 60_000)

test('a table with row numbers, gaps as ? and columns without a name runs unchanged', async () => {
  const path = join(project, 'kernels.csv')
  const lines = Array.from(
    { length: 300 },
    (_, i) => `${i}, ${i % 7 === 0 ? '?' : i % 10}, ${i % 10 > 4 ? 'big' : 'small'},,`,
  )
  writeFileSync(path, ['\ufeff,size, class,,', ...lines].join('\r\n'))
  const out = join(project, 'pipelines', 'kernels', 'pipeline.ts')
  const { answer } = await sluiceJson(['inspect', path, '--out', out], THERE)
  expect(answer).toMatchObject({ id: { name: 'column1' }, features: ['size'], label: 'class' })
  const tested = await sluiceJson(['test', 'kernels', '--file', path], THERE)
  expect(tested).toMatchObject({ code: 0, answer: { rejects: [], dataset: { accounting: { in: 300, clean: 300 } } } })
}, 60_000)

test('a JSON list is no file of events', async () => {
  const file = join(project, 'list.json')
  writeFileSync(file, '[{"a": 1}]')
  const { code, stderr } = await sluice(['inspect', file], THERE)
  expect([code, stderr]).toEqual([2, expect.stringContaining('one JSON object a line')])
})

test('a folder and a missing file are named', async () => {
  mkdirSync(join(project, 'folder.csv'), { recursive: true })
  for (const name of ['folder.csv', 'none.csv']) {
    const { code, stderr } = await sluice(['inspect', join(project, name)], THERE)
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a file of events')])
  }
})
