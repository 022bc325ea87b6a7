// Words of the commands that look back fit 80 columns, whatever they tell.
import { expect, test } from 'vitest'
import { describeStages, runRow } from '../../cli/explain/describe-why.ts'
import { folded } from '../../cli/explain/lines.ts'
import { createOutput } from '../../cli/output/output.ts'
import { rowTable } from '../../cli/rows/describe-rows.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import type { TracedRow } from '../../schemas/traced-row.ts'
import { captureStream } from './streams.ts'

function widths(rows: Parameters<ReturnType<typeof createOutput>['table']>[0]): number {
  const stdout = captureStream()
  createOutput(false, { stdout: stdout.stream, stderr: captureStream().stream }).table(rows)
  return Math.max(
    ...stdout
      .text()
      .split('\n')
      .map((line) => line.length),
  )
}

const DIGEST = 'f'.repeat(64)
const at = '2026-12-01T04:28:56.123Z'
const record = (output: object) => ({ kind: 'stage', inputs: {}, at, output, outputDigest: DIGEST }) as never

test('the list of runs fits', () => {
  const run: MadeRun = {
    number: 123,
    at,
    clean: record({ digest: DIGEST, accounting: { in: 1_234_567 } }),
    train: record({ digest: DIGEST }),
    evaluate: record({ verdict: 'INCONCLUSIVE' }),
    made: ['train', 'evaluate'],
  }
  expect(
    widths([runRow(run, DIGEST), runRow({ ...run, made: ['clean', 'train', 'evaluate'] }, null)]),
  ).toBeLessThanOrEqual(80)
})

test('reasons are folded below each other', () => {
  const files = Array.from({ length: 12 }, (_, i) => `stages/some/long/path/of-a-file-${i}.ts`).join(', ')
  const lines = describeStages([
    {
      stage: 'train',
      state: 'would be done',
      output: null,
      comparedWith: at,
      differs: [{ input: 'code', words: [`files changed: ${files}`, 'packages: a@1 → a@2'] }],
    },
    { stage: 'evaluate', state: 'missing', output: null, comparedWith: null, differs: [] },
  ])
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(lines[0]).toMatch(/^ {2}train {5}would be done {2}code: files changed:/)
  expect(lines.at(-1)).toBe('  evaluate  missing        nothing came of it')
  expect(folded('ab ', 'x'.repeat(100))).toEqual([`ab ${'x'.repeat(100)}`])
})

test('rows fit with long ids, rules and values, and keep to a line', () => {
  const failed = [
    {
      rule: 'a rule with a very long name indeed',
      column: 'softness',
      expected: 'between 0 and 1',
      found: `"${'y'.repeat(70)}\n"`,
    },
  ]
  const row: TracedRow = {
    topic: 't',
    partition: 12,
    offset: 123_456_789,
    time: at,
    fate: 'quarantined',
    id: DIGEST,
    rule: failed[0]!.rule,
    failed,
    split: null,
    first: null,
    row: {},
  }
  const table = rowTable([row, { ...row, fate: 'dropped' }])
  expect(widths(table)).toBeLessThanOrEqual(80)
  expect(table[0]!.why).not.toContain('\n')
  expect(Object.keys(rowTable([row])[0]!)).toEqual(['where', 'id', 'rule', 'why'])
})
