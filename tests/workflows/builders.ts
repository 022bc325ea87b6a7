// Small, valid values of the shared vocabulary for workflow and activity tests.
import { sha256 } from '../../core/digest.ts'
import type { PromoteInput } from '../../schemas/approval.ts'
import type { DatasetRef } from '../../schemas/dataset.ts'
import type { SnapshotRef, SourceRef } from '../../schemas/manifest.ts'
import type { ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import type { EvaluationRef, Verdict } from '../../schemas/verdict.ts'

export function aPlan(changes: Partial<Plan> = {}): Plan {
  const plan: Omit<Plan, 'fingerprint'> = {
    name: 'demo',
    owner: 'tests',
    source: { topic: 'demo', format: 'json' },
    columns: [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
      { name: 'y', kind: 'flag' },
    ],
    rules: [],
    features: [{ column: 'x', encode: 'standardize', log: false }],
    predict: { task: 'probability', column: 'y' },
    split: { by: 'hash', column: 'id', train: 0.8, validate: 0.1, test: 0.1 },
    train: {
      model: { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 },
      optimizer: { kind: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      batch: 32,
      epochs: 3,
      seed: 1,
      checkpointEvery: 10,
      device: 'any',
    },
    gates: [{ gate: 'atLeast', metric: 'accuracy', value: 0.9 }],
    alpha: 0.05,
    approval: { ask: 'the testers', remindMs: 3_600_000, expireMs: 86_400_000 },
    retrain: [],
    serve: { path: '/demo' },
    ...changes,
  }
  return { ...plan, fingerprint: changes.fingerprint ?? sha256(JSON.stringify(plan)) }
}

export function anObject(name: string, kind = 'objects'): ObjectRef {
  const digest = sha256(name)
  return { key: `${kind}/${digest.slice(0, 2)}/${digest}.json`, sha256: digest, bytes: name.length }
}

export const aSource: SourceRef = {
  id: 'demo-source',
  clusterId: 'cluster-1',
  topic: 'demo',
  columns: sha256('columns'),
}

export function aSnapshot(version = 1): SnapshotRef {
  const chain = `sources/${aSource.id}/snapshots`
  return {
    chain,
    version,
    sha256: sha256(`${chain}${version}`),
    source: aSource,
    rows: 100 * version,
    rejects: 2 * version,
  }
}

export function aDataset(name = 'dataset'): DatasetRef {
  const object = anObject(name, 'datasets')
  return {
    ...object,
    digest: object.sha256,
    accounting: {
      in: 102,
      clean: 98,
      rejected: 3,
      duplicates: 1,
      rejectedBy: { decode: 2, 'label is present': 1 },
      failures: { 'label is present': 1 },
      split: { train: 80, validate: 9, test: 9 },
    },
  }
}

export function aModel(name = 'model', pipeline = 'demo'): ModelRef {
  const object = anObject(name, 'models')
  return { ...object, digest: object.sha256, pipeline, dataset: aDataset().digest, validationLoss: 0.25, epochs: 3 }
}

export function anEvaluation(
  verdict: Verdict = 'PASS',
  candidate = aModel(),
  champion: string | null = null,
): EvaluationRef {
  const gate = {
    name: 'accuracy ≥ 0.9',
    verdict,
    estimate: 0.93,
    interval: [0.88, 0.97] as const,
    rows: 9,
    why: 'tested',
  }
  return {
    ...anObject(`evaluation of ${candidate.digest} against ${champion}: ${verdict}`, 'evaluations'),
    candidate: candidate.digest,
    champion,
    verdict,
    metrics: { accuracy: 0.93 },
    championMetrics: null,
    gates: [gate],
  }
}

export function aQuestion(changes: Partial<PromoteInput> = {}): PromoteInput {
  const model = changes.model ?? aModel()
  return {
    plan: aPlan(),
    model,
    evaluation: anEvaluation('PASS', model),
    summary: '## What the approver reads',
    ...changes,
  }
}
