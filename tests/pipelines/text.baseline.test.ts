// The pipelines spam and sentiment against scikit-learn on the same rows and splits (fixtures/pipelines/sklearn_texts.py).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compare, type Evidence, measure } from '../../judge/evidence.ts'
import { estimators } from '../../judge/metrics.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { readJson, readObject } from '../../lake/store/objects.ts'
import { openBackend } from '../../ml/backend.ts'
import { labelsOf } from '../../ml/features/labels.ts'
import { compileTransform } from '../../ml/features/transform.ts'
import { loadModel } from '../../ml/model/model.ts'
import { events as snippets } from '../../pipelines/sentiment/events.ts'
import sentiment from '../../pipelines/sentiment/pipeline.ts'
import { events as mails } from '../../pipelines/spam/events.ts'
import spam from '../../pipelines/spam/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { MetricName, PredictSpec } from '../../schemas/plan.ts'
import { type Ran, runInMemory } from '../fixtures/pipelines/run-in-memory.ts'
import sklearn from '../fixtures/pipelines/texts-sklearn.json' with { type: 'json' }

type Baseline = (typeof sklearn)['spam' | 'sentiment']

/** A metric of ours and of scikit-learn's model, and the difference on the same rows, with intervals of 95 %. */
type Contest = (metric: MetricName) => { ours: Evidence; theirs: Evidence; difference: Evidence }

async function contestOf(ran: Ran, predict: PredictSpec, baseline: Baseline): Promise<Contest> {
  const { store, manifest, model } = ran
  const answers: Readonly<Record<string, number>> = baseline.answers
  const card = await readJson<ModelCard>(store, { key: model.key, sha256: model.digest })
  const { tf } = await openBackend({ device: 'any' })
  const loaded = await loadModel(tf, await readObject(store, card.weights))
  const transform = compileTransform(await readJson<Transform>(store, card.transform))
  const [own, other, truth]: [number[], number[], number[]] = [[], [], []]
  for (const part of manifest.parts.test) {
    const columns = await readColumns(store, part)
    own.push(...loaded.predict(transform.applyColumns(columns)))
    truth.push(...labelsOf(columns, predict))
    other.push(...idsOf(columns).flatMap((id) => outputsOf(answers[id] ?? Number.NaN, predict)))
  }
  loaded.dispose()
  const [rows, labels] = [truth.length, Float32Array.from(truth)]
  const sampling = { rows, alpha: 0.05, seed: 1 }
  const [ours, theirs] = [own, other].map((outputs) =>
    estimators({ predict, rows, outputs: Float32Array.from(outputs), labels }),
  )
  return (metric) => ({
    ours: measure(ours!(metric), sampling),
    theirs: measure(theirs!(metric), sampling),
    difference: compare(ours!(metric), theirs!(metric), sampling),
  })
}

/** P(true), or one probability per class. */
function outputsOf(p: number, { task }: PredictSpec): number[] {
  return task === 'category' ? [1 - p, p] : [p]
}

function idsOf({ rows, byName }: Columns): string[] {
  const ids = byName.id
  assert(ids?.type === 'utf8')
  const { bytes, offsets } = ids
  return Array.from({ length: rows }, (_, row) =>
    Buffer.from(bytes.subarray(offsets[row], offsets[row + 1])).toString(),
  )
}

/** e.g. "0.958 (0.938 to 0.973)" */
function words({ estimate, interval: [low, high] }: Evidence): string {
  return `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

/** The README's row of a metric is what a run gives: scikit-learn's to the digit, ours as close as backends are to each other. */
function expectInReadme(pipeline: string, metric: MetricName, { ours, theirs }: ReturnType<Contest>): void {
  const text = readFileSync(new URL(`../../pipelines/${pipeline}/README.md`, import.meta.url), 'utf8')
  const label = metric === 'auc' ? 'AUC' : metric
  const [, own, other] = new RegExp(`^\\| ${label} \\| (\\S+) \\(.*?\\) \\| (.*?) \\|`, 'm').exec(text) ?? []
  expect.soft(other).toBe(words(theirs))
  expect.soft(Math.abs(Number(own) - ours.estimate), `${metric} ${words(ours)}`).toBeLessThan(0.02)
}

test('spam passes its gates beside scikit-learn', { timeout: 120_000 }, async () => {
  const plan = resolvePipeline(spam)
  const ran = await runInMemory({ plan, events: mails({ batch: 1, seed: 7 }) })
  expect(ran.dataset.accounting).toMatchObject({ in: 2_602, clean: 2_600, rejectedBy: { 'judgement is known': 1 } })
  expect(ran.evaluation.gates.map(({ name, verdict }) => [name, verdict])).toEqual(
    ran.evaluation.gates.map(({ name }) => [name, 'PASS']),
  )
  expect(ran.dataset.accounting.split).toEqual(sklearn.spam.rows)
  const contest = await contestOf(ran, plan.predict, sklearn.spam)
  for (const metric of ['auc', 'accuracy', 'precision', 'recall'] as const) {
    const judged = contest(metric)
    expect(judged.theirs.estimate).toBeCloseTo(sklearn.spam[metric], 6) // scikit-learn computes its metrics by itself
    expectInReadme('spam', metric, judged)
  }
  expect(contest('auc').difference.interval[0]).toBeGreaterThan(-0.02)
  expect(contest('accuracy').difference.interval[0]).toBeGreaterThan(-0.03)
})

test('sentiment answers as well as scikit-learn', { timeout: 240_000 }, async () => {
  const plan = resolvePipeline(sentiment)
  const ran = await runInMemory({ plan, events: snippets({ batch: 1, seed: 7 }) })
  expect(ran.dataset.accounting.split).toEqual(sklearn.sentiment.rows)
  const contest = await contestOf(ran, plan.predict, sklearn.sentiment)
  for (const metric of ['accuracy', 'auc'] as const) {
    const judged = contest(metric)
    expect(judged.theirs.estimate).toBeCloseTo(sklearn.sentiment[metric], 6)
    expectInReadme('sentiment', metric, judged)
  }
  expect(contest('accuracy').difference.interval[0]).toBeGreaterThan(-0.03)
})
