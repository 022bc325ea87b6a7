// The example trainer in Python and sluice agree on what its weights answer: two programs, one loss.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { sha256 } from '../../core/digest.ts'
import { ensurePythonPeers } from '../../infra/python-peers.ts'
import { memoryStore } from '../../lake/memory.ts'
import { readJson } from '../../lake/objects.ts'
import type { TrainerSpec } from '../../schemas/external-trainer.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan, TrainSpec } from '../../schemas/plan.ts'
import type { TrainerLine } from '../../schemas/trainer.ts'
import { runExternalTrainJob } from '../../workers/external-train-job.ts'
import { PLAN } from '../ml/flowers.ts'
import { ENDPOINTS, makeDataset } from './external-dataset.ts'

const EXAMPLE = fileURLToPath(
  new URL('../fixtures/trainers/project/pipelines/diagnosis-sklearn/trainer.py', import.meta.url),
)
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

it.skipIf(!peers.ok).each(MODELS)('the loss of %s is the same', { timeout: 120_000 }, async (_, predict, model) => {
  if (!peers.ok) return
  process.env.PYTHONPATH = peers.path
  const projectDir = mkdtempSync(join(tmpdir(), 'sluice-test-python-'))
  const store = memoryStore()
  const dataset = await makeDataset(store)
  const trainer: TrainerSpec = { command: [peers.command, EXAMPLE], folder: '.', files: [] }
  const plan: Plan = { ...PLAN, predict, train: { ...PLAN.train, model, epochs: 20, patience: 3, trainer } }
  const lines: TrainerLine[] = []
  const job = { job: 'train', plan, dataset, inputs: sha256('i'), code: 'code', backend: 'cpu' } as const
  try {
    const ref = await runExternalTrainJob(job, trainer, {
      ...{ store, emit: (line) => void lines.push(line) },
      config: { projectDir, stateDir: join(projectDir, 'state'), endpoints: ENDPOINTS },
    })
    const card = await readJson<ModelCard>(store, ref)
    const epochs = lines.filter((line) => line.type === 'epoch')
    const best = epochs.findLast((line) => line.best)!
    expect(card.validationLoss).toBeCloseTo(best.validationLoss, 5)
    expect(card).toMatchObject({ bestEpoch: best.epoch, epochs: epochs.length })
    expect(lines.filter((line) => line.type === 'progress')).toHaveLength(epochs.length)
  } finally {
    rmSync(projectDir, { recursive: true, force: true })
  }
})
