// The Markdown for the approver.
import { expect, test } from 'vitest'
import type { DatasetManifest } from '../../../schemas/dataset.ts'
import type { ModelCard } from '../../../schemas/model.ts'
import type { Evaluation, GateResult } from '../../../schemas/verdict.ts'
import { buildSummary, type SummaryParts, type Version } from '../../../stages/promote/summary.ts'
import { aDataset, aModel, aPlan, aSnapshot, aSource } from '../../workflows/builders.ts'

const gate: GateResult = {
  gate: { gate: 'atLeast', metric: 'accuracy', value: 0.9, within: 'plan' },
  name: 'accuracy ≥ 0.9',
  verdict: 'PASS',
  estimate: 0.93127,
  interval: [0.91, 0.95],
  alpha: 0.05,
  rows: 1_200,
  slice: 'team|pro',
  why: 'the whole interval\nis above 0.9',
}

function version(name: string, changes: Partial<ModelCard> = {}, clean = 98): Version {
  const { accounting } = aDataset()
  const card = {
    dataset: aDataset(name).digest,
    recipe: 'r',
    code: 'c',
    validationLoss: 0.25,
    epochs: 3,
    backend: { name: 'cpu', version: '1', device: 'cpu' },
    ...changes,
  }
  const lineage = { source: aSource, coverage: [{ partition: 0, start: 0, end: 102 }] }
  const dataset = { recipe: 'clean', lineage, accounting: { ...accounting, clean } }
  return { digest: aModel(name).digest, card: card as ModelCard, dataset: dataset as unknown as DatasetManifest }
}

function parts(changes: Partial<Evaluation> = {}, champion: Version | null = null): SummaryParts {
  const candidate = version('new')
  const evaluation: Evaluation = {
    kind: 'evaluation',
    pipeline: 'demo',
    candidate: candidate.digest,
    champion: champion?.digest ?? null,
    dataset: 'd',
    rows: 1_200,
    metrics: { accuracy: 0.93127 },
    championMetrics: null,
    classes: [],
    confusion: [],
    gates: [gate],
    verdict: 'PASS',
    seed: 1,
    ...changes,
  }
  return { plan: aPlan(), snapshot: aSnapshot(), candidate, evaluation, champion }
}

test('the JSON to paste names the candidate', () => {
  const text = buildSummary(parts())
  const json = /```json\n([^`]*)\n```/.exec(text)?.[1]
  expect(JSON.parse(json!)).toEqual({
    decision: 'approve',
    reason: 'looks good',
    candidateDigest: aModel('new').digest.slice(0, 12),
    by: 'your name',
  })
})

test('text of users is no markup', () => {
  const text = buildSummary(parts({ gates: [{ ...gate, slice: 'team|pro *all* <b>_x_' }] }))
  expect(text).toContain(
    '- **PASS** accuracy ≥ 0.9, plan = team\\|pro \\*all\\* \\<b\\>\\_x\\_, on 1,200 rows: the whole interval is above 0.9\n',
  )
})

test('nothing is wider than the column', () => {
  const json = /```json\n([^`]*)\n```/.exec(buildSummary(parts()))?.[1]
  expect(Math.max(...json!.split('\n').map((line) => line.length))).toBeLessThan(52)
  expect(buildSummary(parts())).not.toMatch(/^\|/m)
})

test('a name that says its slice says it once', () => {
  const text = buildSummary(parts({ gates: [{ ...gate, name: 'accuracy ≥ 0.9 where plan = pro', slice: 'pro' }] }))
  expect(text).toContain('- **PASS** accuracy ≥ 0.9 where plan = pro, on 1,200 rows:')
})

test('every row is accounted for in words', () => {
  expect(buildSummary(parts())).toContain(
    '102 in = 98 clean + 3 rejected (decode 2, label is present 1) + 1 duplicates; train 80, validate 9, test 9.',
  )
})

test('what is odd about the labels is read', () => {
  const note = 'kind "a|b" is not in every split (train 0, validate 1, test 2 rows): it cannot be learnt'
  const text = buildSummary({ ...parts(), candidate: version('new', { notes: [note] }) })
  expect(text).toContain(
    '**Mind:** kind "a\\|b" is not in every split (train 0, validate 1, test 2 rows): it cannot be learnt.',
  )
})

test('changes since the champion are listed', () => {
  const champion = version('old', { code: 'b', validationLoss: 0.5, epochs: 2 }, 50)
  const text = buildSummary(parts({ championMetrics: { accuracy: 0.9 } }, champion))
  expect(text).toContain('- **accuracy 0.9313**, champion 0.9: **better by 0.031** (share of right answers; 1 is best)')
  expect(text.indexOf('### Changed since')).toBeLessThan(text.indexOf('### To decide'))
  expect(text).toContain('- training code: `b` → `c`')
  expect(text).toContain('- clean rows: 50 → 98')
  expect(text).toContain('- validation loss: 0.5 → 0.25')
  expect(text).not.toContain('training settings')
})

test('changed settings are told in words where they are known', () => {
  const champion = version('old', { recipe: 'q' })
  const words = { data: null, training: 'optimizer.rate 0.001 → 0.002, note "`" → "|"' }
  const text = buildSummary({ ...parts({}, champion), words })
  expect(text).toContain('- training settings: `optimizer.rate 0.001 → 0.002, note "\'" → "|"`')
  expect(text).not.toContain('rules, features or split')
  const unknown = buildSummary({ ...parts({}, champion), words: { data: null, training: null } })
  expect(unknown).toContain('- training settings: `q` → `r`')
})

test('the lineage names every offset', () => {
  expect(buildSummary(parts())).toContain('- offsets per partition: 0: [0, 102)')
})

test('an error that shrinks is better', () => {
  const champion = version('old')
  const text = buildSummary(parts({ metrics: { loss: 0.25 }, championMetrics: { loss: 0.5 } }, champion))
  expect(text).toContain('- **loss 0.25**, champion 0.5: **better by 0.25**')
})

test('a first model says so', () => {
  expect(buildSummary(parts())).toContain('This would be the first model in service.')
})

test('an undecided candidate asks for a reason', () => {
  expect(buildSummary(parts({ verdict: 'INCONCLUSIVE' }))).toContain('approving needs a reason')
})

test('many gates stay below twenty kilobytes', () => {
  const slices = Array.from({ length: 500 }, (_, i) => ({ ...gate, slice: `s${i}`, why: 'x'.repeat(120) }))
  const failing = slices.map((each) => ({ ...each, verdict: 'INCONCLUSIVE' as const }))
  const text = buildSummary(parts({ gates: [...slices, ...failing] }))
  expect(Buffer.byteLength(text)).toBeLessThan(20_000)
  expect(text).toContain('970 more gates')
})

test('a champion that came back by a rollback is named', () => {
  const words = 'rolled back from 3fa94c2d81b7 by ada: bad *answers*, Sun 1 Mar 2026, 12:00 UTC'
  const text = (shares: string | null) => buildSummary({ ...parts(), rollback: { words, shares } })
  expect(text(null)).toContain('**Mind:** the champion was rolled back from 3fa94c2d81b7 by ada: bad \\*answers\\*')
  expect(text(null)).not.toContain('This candidate has')
  expect(text('the settings and the code')).toContain('**This candidate has the settings and the code of that one**')
})
