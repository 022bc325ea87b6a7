// Trainers in Python and sluice agree on what their weights answer: two programs, one loss.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../core/config.ts'
import { sha256 } from '../../../../core/digest.ts'
import { ensurePythonPeers } from '../../../../infra/testing/python-peers.ts'
import { memoryStore } from '../../../../lake/store/memory.ts'
import { readJson, readObject } from '../../../../lake/store/objects.ts'
import type { Store } from '../../../../lake/store/store.ts'
import { openBackend } from '../../../../ml/backend.ts'
import { compileTransform } from '../../../../ml/features/transform.ts'
import { loadModel } from '../../../../ml/model/model.ts'
import type { DatasetRef, Transform } from '../../../../schemas/dataset.ts'
import type { ModelCard, ModelRef } from '../../../../schemas/model.ts'
import type { Plan, TrainerSpec, TrainSpec } from '../../../../schemas/plan.ts'
import type { TrainerLine } from '../../../../schemas/trainer.ts'
import { runEvaluateJob } from '../../../../stages/evaluate/evaluate-job.ts'
import { runExternalTrainJob } from '../../../../stages/train/external/train-job.ts'
import { PLAN } from '../../../ml/flowers.ts'
import { CHAIN, largestDifference, rounding } from '../../../ml/tolerance.ts'
import { NOWHERE } from '../../../schemas/nowhere.ts'
import { makeDataset, makeTextDataset, TEXT_PLAN } from './external-dataset.ts'

const FIXTURES = fileURLToPath(new URL('../../../fixtures/trainers', import.meta.url))
const SCIKIT_LEARN = join(FIXTURES, 'project/pipelines/diagnosis-sklearn/trainer.py')
const NEXT_TOKENS = join(FIXTURES, 'next_tokens.py')
const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir, group: 'scikitLearn' })

const MODELS: readonly (readonly [string, Plan['predict'], TrainSpec['model']])[] = [
  ['two classes', PLAN.predict, { kind: 'mlp', hidden: [5, 3], activation: 'tanh', dropout: 0 }],
  [
    'four classes',
    { task: 'category', column: 'colour', classes: ['white', 'red', 'blue', 'black'] },
    { kind: 'mlp', hidden: [4], activation: 'relu', dropout: 0 },
  ],
  ['a flag', { task: 'probability', column: 'wild' }, { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 }],
]

type Epoch = Extract<TrainerLine, { type: 'epoch' }>
let store: Store
beforeEach(() => {
  store = memoryStore()
})

interface Trained {
  readonly ref: ModelRef
  readonly card: ModelCard
  readonly epochs: readonly Epoch[]
}

/** Trains the plan with the program. → the card, and what the program says of itself. */
async function train(program: string, plan: Plan, dataset: DatasetRef): Promise<Trained> {
  if (!peers.ok) throw new Error(peers.why)
  process.env.PYTHONPATH = peers.path
  const projectDir = mkdtempSync(join(tmpdir(), 'sluice-test-python-'))
  const trainer: TrainerSpec = { command: [peers.command, program], folder: '.', files: [] }
  const epochs: Epoch[] = []
  const job = { job: 'train', dataset, inputs: sha256('i'), code: 'code', backend: 'cpu' } as const
  try {
    const ref = await runExternalTrainJob({ ...job, plan: { ...plan, train: { ...plan.train, trainer } } }, trainer, {
      store,
      emit: (line) => void (line.type === 'epoch' && epochs.push(line)),
      config: { projectDir, stateDir: join(projectDir, 'state'), endpoints: NOWHERE },
    })
    return { ref, card: await readJson<ModelCard>(store, ref), epochs }
  } finally {
    rmSync(projectDir, { recursive: true, force: true })
  }
}

function expectSameLoss(card: ModelCard, epochs: readonly Epoch[]): void {
  const best = epochs.findLast((line) => line.best)!
  expect(largestDifference([card.validationLoss], [best.validationLoss])).toBeLessThan(rounding(CHAIN.network))
  expect(card).toMatchObject({ bestEpoch: best.epoch, epochs: epochs.length })
}

describe.skipIf(!peers.ok)('a program in Python', () => {
  it.each(MODELS)('and sluice agree on %s', { timeout: 120_000 }, async (_, predict, model) => {
    const plan: Plan = { ...PLAN, predict, train: { ...PLAN.train, model, epochs: 20, patience: 3 } }
    const { card, epochs } = await train(SCIKIT_LEARN, plan, await makeDataset(store))
    expectSameLoss(card, epochs)
  })

  it('and sluice agree on next tokens', { timeout: 120_000 }, async () => {
    const model = { kind: 'recurrent', cell: 'rnn', units: 24, layers: 1, embedding: 8, dropout: 0 } as const
    const optimizer = { kind: 'adam', rate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const
    const plan: Plan = { ...TEXT_PLAN, train: { ...PLAN.train, model, optimizer, batch: 16, epochs: 15 } }
    const dataset = await makeTextDataset(store)
    const { ref, card, epochs } = await train(NEXT_TOKENS, plan, dataset)
    expectSameLoss(card, epochs)
    expect(card.validationLoss).toBeLessThan(0.8) // nats; each of 14 tokens alike: 2.6
    expect(await nextOf(card, ['the c', 'the cat sat. the d', 'the hen ra'])).toEqual(['a', 'o', 'n'])
    const job = { job: 'evaluate', plan, dataset, model: ref, champion: null, backend: 'cpu' } as const
    expect(await runEvaluateJob(job, { store, emit: () => {} })).toMatchObject({ verdict: 'PASS' })
  })
})

it('the guide shows lines of the example', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/own-trainer.md'), 'utf8')
  const example = readFileSync(SCIKIT_LEARN, 'utf8')
    .split('\n')
    .map((line) => line.trim())
  const shown = guide.slice(guide.indexOf('## 3.')).matchAll(/```python\n([\s\S]*?)```/g)
  const lines = [...shown].flatMap(([, code]) => code!.trim().split('\n')).map((line) => line.trim())
  expect(lines.length).toBeGreaterThan(6)
  expect(lines.filter((line) => !example.includes(line))).toEqual([])
})

/** The most probable character behind each text, as serving finds it. */
async function nextOf(card: ModelCard, texts: readonly string[]): Promise<(string | undefined)[]> {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'cpu' })
  const compiled = compileTransform(await readJson<Transform>(store, card.transform))
  const model = await loadModel(tf, await readObject(store, card.weights))
  const next = texts.map((body) => {
    const scores = model.predict(compiled.applyRow({ body }))
    return compiled.tokens?.vocabulary[scores.indexOf(Math.max(...scores)) - 2]
  })
  model.dispose()
  return next
}
