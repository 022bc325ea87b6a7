// Event files of a training, read back by TensorBoard itself.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { sha256 } from '../../../core/digest.ts'
import { ensurePythonPeers } from '../../../infra/testing/python-peers.ts'
import { scalarsRecord, versionRecord } from '../../../ml/training/tensorboard.ts'
import type { TrainerJob, TrainerLine } from '../../../schemas/trainer.ts'
import { openTrainingLog } from '../../../workers/trainer/training-log.ts'
import { DATASET, PLAN } from '../flowers.ts'

const READER = fileURLToPath(new URL('../../fixtures/export/read_events.py', import.meta.url))
const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir, group: 'tensorboard' })
const reading = it.skipIf(!peers.ok)

const INPUTS = sha256('flowers')
const job: TrainerJob = { job: 'train', plan: PLAN, dataset: DATASET, inputs: INPUTS, code: 'code' }
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-test-tensorboard-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

type Points = Record<string, [step: number, value: number, seconds: number][]>

function readBack(folder: string): Points {
  if (!peers.ok) throw new Error(peers.why)
  const { status, stdout, stderr } = spawnSync(peers.command, [READER, folder], {
    env: { ...process.env, PYTHONPATH: peers.path },
  })
  expect(status, String(stderr)).toBe(0)
  return JSON.parse(String(stdout)) as Points
}

const folderOf = () => join(dir, PLAN.name, INPUTS.slice(0, 12))
const started = (fromStep: number): TrainerLine => ({
  type: 'started',
  backend: { name: 'cpu', version: 'test', device: 'cpu', why: 'test' },
  fromStep,
  steps: 60,
  rows: 80,
})
const progress = (step: number, loss: number): TrainerLine => ({
  type: 'progress',
  step,
  steps: 60,
  epoch: Math.ceil(step / 10),
  loss,
  examplesPerSecond: 1000 + step,
})

reading('shows what a trainer tells', () => {
  let nowMs = 1_700_000_000_000
  const log = openTrainingLog(dir, job, () => nowMs++)
  log.write(started(0))
  for (let step = 1; step <= 10; step++) log.write(progress(step, 1 / step))
  log.write({ type: 'epoch', epoch: 1, trainLoss: 0.5, validationLoss: 0.25, best: true })
  log.write({ ...progress(11, 0.05), learningRate: 0.125, gradientNorm: 2.5 } as TrainerLine)
  const points = readBack(folderOf())
  expect(points['loss/step']!.map(([step, value]) => [step, value])).toEqual([
    ...Array.from({ length: 10 }, (_, i) => [i + 1, Math.fround(1 / (i + 1))]),
    [11, Math.fround(0.05)],
  ])
  expect(points['loss/train']).toEqual([[10, 0.5, expect.closeTo(1_700_000_000, 0)]])
  expect(points['loss/validation']).toEqual([[10, 0.25, expect.closeTo(1_700_000_000, 0)]])
  expect(points['speed/examples per second']!.map(([, value]) => value)).toContain(1007)
  expect(points['rate/learning rate']!.map(([, value]) => value)).toEqual([
    ...Array.from({ length: 10 }, () => Math.fround(PLAN.train.optimizer.rate)),
    0.125,
  ])
  expect(points.gradient_norm!.map(([step, value]) => [step, value])).toEqual([[11, 2.5]])
})

reading('drops what a lost attempt drew', () => {
  const first = openTrainingLog(dir, job)
  first.write(started(0))
  for (let step = 1; step <= 9; step++) first.write(progress(step, 9))
  const second = openTrainingLog(dir, job)
  second.write(started(6))
  for (let step = 7; step <= 9; step++) second.write(progress(step, 1))
  const losses = readBack(folderOf())['loss/step']!.map(([step, value]) => [step, value])
  expect(losses.slice(-3)).toEqual([7, 8, 9].map((step) => [step, 1]))
  expect(losses.filter(([, value]) => value === 9).map(([step]) => step)).toEqual([1, 2, 3, 4, 5])
})

reading('is checked by its checksums', () => {
  const whole = [versionRecord(0), scalarsRecord({ step: 1, timeMs: 0, values: { a: 1 } })]
  const damaged = Buffer.from(scalarsRecord({ step: 2, timeMs: 0, values: { a: 2 } }))
  damaged[damaged.length - 6]! ^= 1
  writeFileSync(join(dir, 'events.out.tfevents.1'), Buffer.concat([...whole, damaged]))
  expect(readBack(dir).a!.map(([step]) => step)).toEqual([1])
})

it('writes nothing unless asked', () => {
  openTrainingLog(undefined, job).write(started(0))
  openTrainingLog(dir, { ...job, job: 'evaluate', champion: null } as unknown as TrainerJob).write(started(0))
  expect(readdirSync(dir)).toEqual([])
})

it('refuses a folder that is none', () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  expect(() => openTrainingLog(file, job)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(readFileSync(file, 'utf8')).toBe('')
})
