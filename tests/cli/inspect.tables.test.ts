// sluice inspect on real tables: the proposed pipeline runs unchanged on the table it came from.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvRows } from '../../cli/tables/csv.ts'
import { sluice, sluiceJson } from './streams.ts'

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
])('%j is no table', async (text, words) => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-table-')), 'table.csv')
  writeFileSync(file, text)
  const { code, stderr } = await sluice(['inspect', file], THERE)
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
})

test('a folder and a missing file are named', async () => {
  mkdirSync(join(project, 'folder.csv'), { recursive: true })
  for (const name of ['folder.csv', 'none.csv']) {
    const { code, stderr } = await sluice(['inspect', join(project, name)], THERE)
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a file of events')])
  }
})
