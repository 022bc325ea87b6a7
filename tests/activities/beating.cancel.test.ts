// Heartbeats on a timer: with the answer to one a cancellation arrives, so they set how soon.
import { setTimeout as delay } from 'node:timers/promises'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { beating } from '../../activities/beating.ts'

function listening() {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') })
  const beats: unknown[] = []
  environment.on('heartbeat', (details) => beats.push(details))
  return { environment, beats }
}

test('silent work is heard of every second, to its end', async () => {
  const { environment, beats } = listening()
  const work = Promise.withResolvers<string>()
  const running = environment.run(() =>
    beating(
      () => work.promise,
      () => `beat ${beats.length}`,
    ),
  )
  await delay(2_800) // two beats, and 0.8 s for a busy machine
  expect(beats).toEqual(['beat 0', 'beat 1'])
  work.resolve('done')
  expect(await running).toBe('done')
  await delay(1_200)
  expect(beats).toHaveLength(2)
})

test('work that failed is heard of no more', async () => {
  const { environment, beats } = listening()
  await expect(environment.run(() => beating(() => Promise.reject(new Error('no'))))).rejects.toThrow('no')
  await delay(1_200)
  expect(beats).toEqual([])
})
