// However the trainer process ends, its parent learns why, and no process is left.

import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { isAlive } from '../../../core/process-identity.ts'
import type { TrainerJob, TrainerLine } from '../../../schemas/trainer.ts'
import { allocatorVariables } from '../../../workers/ingest/allocator.ts'
import { runTrainer } from '../../../workers/trainer/run-trainer.ts'
import { DATASET, PLAN } from '../../ml/flowers.ts'
import { NOWHERE } from '../../schemas/nowhere.ts'
import { recordedFailure } from '../recorded-failure.ts'

/** of being told, whatever it does: 4 s, and what this machine takes; a heartbeat brings a cancellation within the second before */
const GONE_WITHIN_MS = 4_800
const program = fileURLToPath(new URL('./stand-ins.ts', import.meta.url))

function run(behaviour: string, options: { signal?: AbortSignal; onLine?: (line: TrainerLine) => void } = {}) {
  const job: TrainerJob = { job: 'train', plan: PLAN, dataset: DATASET, inputs: 'i', code: behaviour }
  return runTrainer(job, {
    endpoints: NOWHERE,
    program,
    config: { projectDir: process.cwd() },
    signal: options.signal ?? new AbortController().signal,
    onLine: options.onLine ?? (() => {}),
  })
}

describe('runTrainer', () => {
  it('gives the last line', async () => {
    const lines: TrainerLine[] = []
    expect(await run('trains', { onLine: (line) => lines.push(line) })).toEqual({
      type: 'trained',
      model: { digest: 'd' },
    })
    expect(lines.map(({ type }) => type)).toEqual(['progress', 'trained']) // log text is no line
  })
  it('throws the failure of an error line', async () => {
    await expect(run('fails')).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE', facts: { step: 3 } })
  })
  it('tells an unexpected error apart', async () => {
    await expect(run('breaks')).rejects.toMatchObject({
      code: 'TRAINER_DIED',
      facts: { found: 'an unexpected error: x is not a function' },
    })
  })
  it('says what killed it, where, and its log', async () => {
    await expect(run('vanishes')).rejects.toMatchObject({
      code: 'TRAINER_DIED',
      facts: { found: 'signal SIGKILL', step: 60, log: 'out of memory\n' },
    })
  })
  it('is given up with advice when a kernel always kills it', async () => {
    const death = await run('vanishes').catch((error: unknown) => error) // of its own process, by SIGKILL
    const last = await recordedFailure(death, 20)
    expect(last).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
    expect((last as Error).message).toMatch(/signal SIGKILL at step 60.*too little memory.*train\.accumulate/)
  })
  it('takes no silent success', async () => {
    await expect(run('leaves')).rejects.toMatchObject({ code: 'TRAINER_DIED', facts: { found: 'exit code 0' } })
  })
  it('starts it without what a worker was given', async () => {
    vi.stubEnv('MALLOC_ARENA_MAX', '7')
    for (const [name, value] of Object.entries(allocatorVariables(process.env))) vi.stubEnv(name, value)
    const { model } = (await run('reports')) as Extract<TrainerLine, { type: 'trained' }>
    vi.unstubAllEnvs()
    const env = model as unknown as Record<string, string>
    expect(Object.entries(env).filter(([name]) => /ALLOC/.test(name))).toEqual([['MALLOC_ARENA_MAX', '7']])
  })
  it.each(['waits', 'ignores'])(
    'ends a child that %s when aborted',
    async (behaviour) => {
      const stop = new AbortController()
      let [pid, abortedMs] = [0, 0]
      const onLine = (line: TrainerLine): void => {
        if (line.type !== 'started') return
        pid = line.fromStep
        abortedMs = performance.now()
        stop.abort(new Error('cancelled'))
      }
      await expect(run(behaviour, { signal: stop.signal, onLine })).rejects.toThrow('cancelled')
      expect(performance.now() - abortedMs).toBeLessThan(GONE_WITHIN_MS)
      expect(pid).toBeGreaterThan(0)
      expect(isAlive(pid)).toBe(false)
    },
    15_000,
  )
  it('starts nothing when already aborted', async () => {
    await expect(run('trains', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  })
})
