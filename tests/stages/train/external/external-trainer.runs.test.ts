// A trainer of one's own: what it is given, what becomes of what it says and writes, and every way to get it wrong.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../core/digest.ts'
import { isAlive } from '../../../../core/process-identity.ts'
import { memoryStore } from '../../../../lake/store/memory.ts'
import { readJson, readObject } from '../../../../lake/store/objects.ts'
import type { Store } from '../../../../lake/store/store.ts'
import { unpackTensors } from '../../../../ml/model/tensor-file.ts'
import type { DatasetRef } from '../../../../schemas/dataset.ts'
import type { ModelCard, ModelRef } from '../../../../schemas/model.ts'
import type { Plan, TrainerSpec } from '../../../../schemas/plan.ts'
import type { TrainerLine } from '../../../../schemas/trainer.ts'
import { runExternalTrainJob } from '../../../../stages/train/external/train-job.ts'
import { PLAN } from '../../../ml/flowers.ts'
import { NOWHERE } from '../../../schemas/nowhere.ts'
import { makeDataset } from './external-dataset.ts'

/** The trainer itself is killed so long after the same cancellation: its program would be left behind. */
const TRAINER_KILLED_AFTER_MS = 4_000
const STAND_IN = fileURLToPath(new URL('../../../fixtures/trainers/stand-in.js', import.meta.url))
const PARENT = fileURLToPath(new URL('../../../fixtures/trainers/parent.ts', import.meta.url))
let project: string
let store: Store
let dataset: DatasetRef

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'sluice-test-trainer-'))
  store = memoryStore()
  dataset = await makeDataset(store)
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

interface Run {
  readonly model: ModelRef
  readonly lines: TrainerLine[]
}

/** `behaviour`: see the stand-in. */
async function run(
  behaviour: string,
  { spec = {}, signal }: { spec?: Partial<TrainerSpec>; signal?: AbortSignal } = {},
): Promise<Run> {
  const trainer: TrainerSpec = { command: [process.execPath, STAND_IN, behaviour], folder: '.', files: [], ...spec }
  const plan: Plan = { ...PLAN, train: { ...PLAN.train, trainer } }
  const lines: TrainerLine[] = []
  const job = { job: 'train', plan, dataset, inputs: sha256('inputs'), code: 'code', backend: 'cpu' } as const
  const model = await runExternalTrainJob(job, trainer, {
    store,
    emit: (line) => void lines.push(line),
    ...(signal && { signal }),
    config: { projectDir: project, stateDir: join(project, 'state'), endpoints: NOWHERE },
  })
  return { model, lines }
}

const leftFolders = () => readdirSync(join(project, 'state', 'trainers'))

describe('a trainer of one’s own', () => {
  it('gets everything but the test rows', async () => {
    // the stand-in writes the first weights back only after it has checked shapes, labels and files against the job
    const { lines } = await run('checks')
    expect(lines.map(({ type }) => type)).toEqual(['started', 'progress', 'epoch'])
    expect(leftFolders()).toEqual([])
  })

  it('becomes a model that holds its weights', async () => {
    const { model } = await run('answers')
    const card = await readJson<ModelCard>(store, model)
    const { tensors } = unpackTensors(await readObject(store, card.weights), 'weights')
    expect(tensors.map(({ values }) => [...new Set(values)])).toEqual([[0.5], [0.25], [0.125], [0.0625]])
    expect(card).toMatchObject({ steps: 30, epochs: 1, bestEpoch: 1, trainer: { folder: '.' } })
    // two classes, both answered with the same probability
    expect(card.validationLoss).toBeCloseTo(Math.log(2), 6)
  })

  it('is the same model from the same answer', async () => {
    const [one, two] = [await run('answers'), await run('answers')]
    expect(one.model).toEqual(two.model)
  })

  it.each([
    ['fails', { code: 'TRAINER_FAILED', facts: { found: 'exit code 3', log: 'no such module\nTraceback' } }],
    ['explains', { code: 'TRAINER_FAILED', facts: { found: 'the error "classes are missing"' } }],
    ['is killed', { code: 'TRAINER_DIED', facts: { found: 'signal SIGKILL', step: 30 } }],
    ['writes nothing', { code: 'TRAINER_OUTPUT_INVALID', facts: { what: 'output', found: 'none' } }],
    ['writes rubbish', { code: 'TRAINER_OUTPUT_INVALID', facts: { what: 'output' } }],
    ['forgets a tensor', { code: 'TRAINER_OUTPUT_INVALID', facts: { expected: 'a tensor 1/bias' } }],
    ['writes another shape', { code: 'TRAINER_OUTPUT_INVALID', facts: { what: 'tensor 0/bias', found: '[6]' } }],
    ['writes NaN', { code: 'TRAINER_OUTPUT_INVALID', facts: { what: 'tensor 0/kernel', found: 'NaN at 0' } }],
    ['misspells', { code: 'TRAINER_OUTPUT_INVALID', facts: { what: 'field loss of a line of type progress' } }],
  ])('that %s is refused', async (behaviour, error) => {
    await expect(run(behaviour)).rejects.toMatchObject(error)
    expect(leftFolders()).toEqual([])
  })

  it('that is not there is refused', async () => {
    const missing = run('', { spec: { command: ['sluice-no-such-program'] } })
    await expect(missing).rejects.toMatchObject({
      code: 'TRAINER_FAILED',
      facts: { found: expect.stringContaining('ENOENT') },
    })
  })

  it('that changed since the plan is refused', async () => {
    writeFileSync(join(project, 'trainer.py'), 'print(2)')
    const files = [{ path: './trainer.py', sha256: sha256('print(1)') }]
    await expect(run('answers', { spec: { files } })).rejects.toMatchObject({
      code: 'TRAINER_CHANGED',
      facts: { found: sha256('print(2)') },
    })
  })

  it('ends with its children when aborted', { timeout: 30_000 }, async () => {
    const stop = new AbortController()
    const running = run('waits', { signal: stop.signal })
    const pids = await pidsIn(() => join(project, 'state', 'trainers', leftFolders()[0]!))
    const abortedMs = performance.now()
    stop.abort(new Error('cancelled')) // which the program ignores
    await expect(running).rejects.toThrow('cancelled')
    expect(performance.now() - abortedMs).toBeLessThan(TRAINER_KILLED_AFTER_MS)
    for (const pid of pids) await expect.poll(() => isAlive(pid)).toBe(false)
    expect(leftFolders()).toEqual([])
  })

  it.each([
    ['is killed', 'SIGKILL', 1], // the end of stdin reaches the program; what it started is its own affair
    ['exits', 'SIGTERM', 2],
  ] as const)('ends when its parent %s', { timeout: 30_000 }, async (_, signal, processes) => {
    const parent = spawn(process.execPath, [PARENT, project])
    const pids = await pidsIn(() => project)
    parent.kill(signal)
    for (const pid of pids.slice(0, processes)) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    if (isAlive(pids[1]!)) process.kill(pids[1]!, 'SIGKILL')
  })

  it('sweeps up after a trainer that was killed', async () => {
    mkdirSync(join(project, 'state', 'trainers', '999999999-left'), { recursive: true })
    await run('answers')
    expect(leftFolders()).toEqual([])
  })
})

/** What the stand-in that waits writes into its folder: its own pid and its child's. */
async function pidsIn(folder: () => string): Promise<number[]> {
  const find = (): string | undefined => {
    try {
      return readdirSync(folder()).find((name) => name.startsWith('pids-'))
    } catch {
      return undefined // no folder yet
    }
  }
  await expect.poll(find, { timeout: 15_000 }).toBeDefined()
  return find()!.slice(5).split('-').map(Number)
}
