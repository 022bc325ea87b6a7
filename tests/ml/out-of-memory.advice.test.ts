// Memory that does not suffice is told as such, by every library, wherever a training asks for it, with what would help.
import { beforeAll, describe, expect, it } from 'vitest'
import { type OpenBackend, openBackend } from '../../ml/backend.ts'
import type { Network } from '../../ml/network.ts'
import { NEED_OF_MODEL, needOfStep, outOfMemory } from '../../ml/out-of-memory.ts'
import { chooseEngine } from '../../ml/training/engine/choose-engine.ts'
import { eagerEngine } from '../../ml/training/engine/eager-engine.ts'
import { matrixOf } from '../../ml/training/input/matrix.ts'
import { trainModel } from '../../ml/training/loop.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { clusters, THREE_CLASSES, trainSpec } from './builders.ts'
import { greedy } from './greedy-networks.ts'

const WIDTH = 6
const rows = clusters({ rows: 50, width: WIDTH, seed: 1 })
const validation = clusters({ rows: 20, width: WIDTH, seed: 2 })
const save = async () => ({ key: '', sha256: '', bytes: 0, step: 0 })
describe.each(['cpu', 'wasm'] as const)('too little memory on %s', (prefer) => {
  let opened: OpenBackend
  beforeAll(async () => {
    opened = await openBackend({ prefer, device: 'any' }) // the last one opened is active
  })
  const optionsFor = (network: Network, train: TrainSpec) => ({
    tf: opened.tf,
    network,
    predict: THREE_CLASSES,
    train,
    rows,
    validation,
  })
  const failed = (training: Promise<unknown>) => training.then(() => null).catch((reason: unknown) => reason)

  it('ends an eager step with advice', async () => {
    const options = optionsFor(
      greedy(WIDTH, (training) => training),
      trainSpec({ batch: 32, accumulate: 2 }),
    )
    const error = await failed(
      trainModel({ ...options, backend: 'any', engine: eagerEngine(options), from: null, save }),
    )
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: { what: 'a training step on 16 rows at once', advice: expect.stringContaining('train.accumulate to 4') },
    })
  })

  it('ends the choice of an engine with advice', async () => {
    const options = optionsFor(
      greedy(WIDTH, (training) => training),
      trainSpec({ batch: 32 }),
    )
    const error = await failed(chooseThenStep(options))
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: { what: 'a training step on 32 rows at once', advice: expect.stringContaining('train.accumulate to 2') },
    })
  })

  it('ends a pass of validation with other advice', async () => {
    const options = optionsFor(
      greedy(WIDTH, (training) => !training),
      trainSpec({ batch: 32 }),
    )
    const error = await failed(chooseThenStep(options))
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: {
        what: 'a pass over 20 rows of validation at once',
        advice: expect.not.stringContaining('accumulate'),
      },
    })
  })

  /** What the trainer does: a backend without graphs meets the network in its loop. */
  async function chooseThenStep(options: ReturnType<typeof optionsFor>): Promise<void> {
    const { engine } = await chooseEngine({ ...options, backend: opened.info })
    await trainModel({ ...options, backend: 'any', engine, from: null, save })
  }
})

describe('too little memory for', () => {
  it('the rows of a split says how many', async () => {
    const transform = { width: 1000, tokens: null } as unknown as Parameters<typeof matrixOf>[1]['transform']
    const none = (async function* () {})()
    const error = await matrixOf(none, { transform, predict: THREE_CLASSES, rows: 1e12 }).catch((reason) => reason)
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: { what: '1,000,000,000,000 rows of 1000 numbers each (4.00e+6 GB)' },
    })
  })

  it('the weights names the model', async () => {
    const network = greedy(WIDTH, () => false)
    const shape = [1e12, 3]
    const huge = { ...network, weights: [{ ...network.weights[0]!, shape }] }
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const options = { tf, network: huge, predict: THREE_CLASSES, train: trainSpec(), rows, validation }
    const error = await trainModel({ ...options, backend: 'cpu', from: null, save }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', facts: { what: NEED_OF_MODEL.what } })
  })
})

describe('an error', () => {
  const need = needOfStep({ batch: 64 })
  it.each([
    'OOM when allocating tensor with shape[8,8] and type float on /job:localhost by allocator GPU_0_bfc',
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8,8]',
    'Array buffer allocation failed',
    'Invalid typed array length: 64000000000000',
    'WebAssembly.Memory.grow(): Maximum memory size exceeded',
    'Cannot enlarge memory arrays to size 4294967296 bytes (OOM)',
    'Operation received an exception:Status: 1, message: could not create a primitive',
    'CUDA_ERROR_OUT_OF_MEMORY: out of memory',
  ])('that means memory is told: %j', (message) => {
    expect(outOfMemory(new Error(message), need)).toMatchObject({ code: 'OUT_OF_MEMORY' })
  })
  it('is quoted by the line that says it', () => {
    const error = outOfMemory(new Error('Invalid TF_Status: 8\nMessage: OOM when allocating\nmore'), need)
    expect(error).toMatchObject({ facts: { found: 'Message: OOM when allocating' } })
  })
  it.each([
    'x is not a function',
    'Invalid argument: Incompatible shapes',
    'Operation received an exception:Status: 2, message: could not create a primitive',
    'no more room',
  ])('of another kind stays itself: %j', (message) => {
    expect(outOfMemory(new Error(message), need)).toBeNull()
  })
  it('of the catalogue stays itself', () => {
    const known = outOfMemory(new Error('OOM'), NEED_OF_MODEL)
    expect(outOfMemory(known, need)).toBeNull()
  })
  it('on one row is not told to halve it', () => {
    expect(needOfStep({ batch: 4, accumulate: 4 }).advice).not.toContain('accumulate')
  })
})
