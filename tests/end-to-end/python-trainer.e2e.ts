// A scikit-learn trainer in the place of sluice's own: from events on a topic to an approved model that answers over HTTP.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { ROOT_DIR } from '../../infra/places.ts'
import { ensurePythonPeers } from '../../infra/testing/python-peers.ts'
import { readJson } from '../../lake/store/objects.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { events } from '../../pipelines/diagnosis/events.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { openStack, type Stack } from './stack.ts'

const PIPELINE = 'diagnosis-sklearn'
const PROJECT = path.join(ROOT_DIR, 'tests', 'fixtures', 'trainers', 'project')
const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir, group: 'scikitLearn' })
const withPython = test.skipIf(!peers.ok)

let stack: Stack | undefined
let runs: string

beforeAll(async () => {
  if (!peers.ok) return console.error(`python-trainer.e2e.ts is skipped: ${peers.why}; ${peers.fix}`)
  stack = await openStack({ name: 'python-trainer', projectDir: PROJECT })
  runs = path.join(stack.stateDir, 'tensorboard')
  await answer('apply', PIPELINE)
  await answer('send', PIPELINE)
  stack.start(['worker'], { PYTHONPATH: peers.path, SLUICE_TENSORBOARD: runs, OMP_NUM_THREADS: '1' })
})

afterAll(() => stack?.close())

withPython('a model of scikit-learn goes live', async () => {
  const { outcome, candidate, evaluation, stages } = await run()
  expect(outcome).toBe('waiting for approval')
  expect(stages.map(({ stage }) => stage)).toContain('evaluate')
  expect(evaluation!.metrics.auc).toBeGreaterThan(0.97)

  const store = openS3Store(stack!.endpoints.s3)
  const card = await readJson<ModelCard>(store, candidate!)
  store.close()
  expect(card.trainer).toMatchObject({ command: ['python3', './trainer.py'], files: [{ path: './trainer.py' }] })
  expect(card.validationLoss).toBeLessThan(0.3) // as sluice computes it
  expect(card.epochs).toBeGreaterThan(card.bestEpoch)

  await answer('approve', PIPELINE, '--reason', 'looks good')
  const url = await stack!.serve([PIPELINE])
  const patients = [...events({ batch: 2, seed: 7 })].map(({ value }) => JSON.parse(String(value)) as Patient)
  const asked = patients.slice(0, 40)
  const answers = await ask(url, asked)
  const right = answers.filter((probability, i) => probability >= 0.5 === asked[i]!.malignant)
  expect(right.length).toBeGreaterThan(35)
})

withPython('the same trainer is not run again', async () => {
  const { stages } = await run()
  expect(stages.filter(({ reused }) => !reused)).toEqual([])
})

withPython('its training can be watched', () => {
  const [training] = readdirSync(path.join(runs, PIPELINE))
  expect(readdirSync(path.join(runs, PIPELINE, training!))).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)])
})

interface Patient {
  readonly id: string
  readonly malignant: boolean
}

/** One request for all: the probabilities that they are malignant. */
async function ask(url: string, patients: readonly Patient[]): Promise<number[]> {
  const rows = patients.map(({ id: _id, malignant: _truth, ...measures }) => measures)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/${PIPELINE}`, { method: 'POST', headers, body: JSON.stringify({ rows }) })
  const body = (await response.json()) as { readonly predictions: readonly { readonly probability: number }[] }
  expect(response.status, JSON.stringify(body)).toBe(200)
  return body.predictions.map(({ probability }) => probability)
}

const run = async () => (await answer('run', PIPELINE)) as RetrainResult

async function answer(...args: string[]): Promise<unknown> {
  const { code, json, text } = await stack!.sluice(args)
  expect(code, text).toBe(0)
  return json
}
