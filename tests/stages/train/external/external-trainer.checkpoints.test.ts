// What a trainer of one's own gives away while it goes on: it comes back after a death, and is gone after a success.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../core/digest.ts'
import { memoryStore } from '../../../../lake/store/memory.ts'
import { readJson } from '../../../../lake/store/objects.ts'
import type { Store } from '../../../../lake/store/store.ts'
import { failure } from '../../../../schemas/failures.ts'
import type { ModelCard, ModelRef } from '../../../../schemas/model.ts'
import type { Plan, TrainerSpec } from '../../../../schemas/plan.ts'
import type { TrainerLine } from '../../../../schemas/trainer.ts'
import { runExternalTrainJob } from '../../../../stages/train/external/train-job.ts'
import { PLAN } from '../../../ml/flowers.ts'
import { NOWHERE } from '../../../schemas/nowhere.ts'
import { makeDataset } from './external-dataset.ts'

const STAND_IN = fileURLToPath(new URL('../../../fixtures/trainers/stand-in.js', import.meta.url))
let project: string
let lines: TrainerLine[]

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'sluice-test-checkpoints-'))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

interface Run {
  readonly store?: Store
  /** dies after that step */
  readonly dieAt?: number
  readonly signal?: AbortSignal
  readonly onLine?: (line: TrainerLine) => void
}

/** `behaviour`: see the stand-in. The attempts of one store are those of one training. */
async function run(behaviour: string, { store = memoryStore(), dieAt, signal, onLine }: Run = {}): Promise<ModelRef> {
  const trainer: TrainerSpec = { command: [process.execPath, STAND_IN, behaviour], folder: '.', files: [] }
  const plan: Plan = { ...PLAN, train: { ...PLAN.train, trainer } }
  const note = join(project, 'die-at')
  rmSync(note, { force: true })
  if (dieAt !== undefined) writeFileSync(note, String(dieAt))
  lines = []
  const emit = (line: TrainerLine): void => {
    lines.push(line)
    onLine?.(line)
  }
  const dataset = await makeDataset(store)
  const job = { job: 'train', plan, dataset, inputs: sha256('inputs'), code: 'code', backend: 'cpu' } as const
  return await runExternalTrainJob(job, trainer, {
    store,
    emit,
    ...(signal && { signal }),
    config: { projectDir: project, stateDir: join(project, 'state'), endpoints: NOWHERE },
  })
}

/** Takes longer for a checkpoint than a program for its death. */
function slow(store: Store): Store {
  return {
    ...store,
    async putIfAbsent(key, bytes) {
      if (key.startsWith('checkpoints/')) await setTimeout(50)
      return await store.putIfAbsent(key, bytes)
    },
  }
}

const checkpointsIn = (store: Store) => Array.fromAsync(store.list('checkpoints/'))
const startOf = (all: readonly TrainerLine[]) => all.find((line) => line.type === 'started')?.fromStep

describe('a checkpoint of a program', () => {
  it('brings it to where it was killed', async () => {
    const whole = await run('sums up')
    const store = slow(memoryStore())
    for (const dieAt of [2, 3, 5]) {
      await expect(run('sums up', { store, dieAt })).rejects.toMatchObject({
        code: 'TRAINER_DIED',
        facts: { step: dieAt },
      })
      expect(lines.at(-1)).toMatchObject({ type: 'checkpoint', checkpoint: { step: dieAt } })
    }
    expect(await run('sums up', { store })).toEqual(whole)
    expect(startOf(lines)).toBe(5)
    expect(await readJson<ModelCard>(store, whole)).toMatchObject({ epochs: 5, bestEpoch: 2, steps: 5 })
  })

  it('is passed over when damaged', async () => {
    const store = memoryStore()
    await expect(run('sums up', { store, dieAt: 1 })).rejects.toMatchObject({ code: 'TRAINER_DIED' })
    await expect(run('sums up', { store, dieAt: 2 })).rejects.toMatchObject({ code: 'TRAINER_DIED' })
    const newest = (await checkpointsIn(store)).filter((key) => key.endsWith('.ckpt')).at(-1)!
    await store.delete(newest)
    await store.putIfAbsent(newest, new TextEncoder().encode('{'))
    const resumed = await run('sums up', { store })
    expect(startOf(lines)).toBe(1)
    expect(resumed).toEqual(await run('sums up'))
  })

  it('is deleted when the model is there', async () => {
    const store = memoryStore()
    await expect(run('sums up', { store, dieAt: 2 })).rejects.toMatchObject({ code: 'TRAINER_DIED' })
    expect(await checkpointsIn(store)).not.toEqual([])
    await run('sums up', { store })
    expect(await checkpointsIn(store)).toEqual([])
  })

  it('may be the last thing it does', async () => {
    const store = memoryStore()
    const stop = new AbortController()
    const onLine = ({ type }: TrainerLine): void => {
      if (type === 'progress') stop.abort(new Error('cancelled'))
    }
    await expect(run('says goodbye', { store, signal: stop.signal, onLine })).rejects.toThrow('cancelled')
    await run('sums up', { store })
    expect(startOf(lines)).toBe(3)
  })

  it.each([
    ['gives nothing', 'a file or folder'],
    ['gives a path', 'a name of a file or folder in checkpoints.folder'],
    ['gives the folder above', 'a name of a file or folder in checkpoints.folder'],
    ['gives no step', 'a step from 1 on'],
    ['gives a link', 'files and folders'],
    ['gives an empty folder', 'files and folders'],
  ])('of one that %s is refused', async (behaviour, expected) => {
    await expect(run(behaviour)).rejects.toMatchObject({
      code: 'TRAINER_OUTPUT_INVALID',
      facts: { expected: expect.stringContaining(expected) },
    })
    expect(readdirSync(join(project, 'state', 'trainers'))).toEqual([])
  })

  it('that cannot be kept ends the program', async () => {
    const store = memoryStore()
    const refusing: Store = {
      ...store,
      putIfAbsent: async (key, bytes) => {
        if (key.startsWith('checkpoints/')) throw failure('STORE_UNAVAILABLE', { key, detail: 'full' })
        return await store.putIfAbsent(key, bytes)
      },
    }
    await expect(run('gives a file', { store: refusing })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
