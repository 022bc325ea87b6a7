// The workers' composition root against real servers.
import { expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { runWorkers } from '../../workers/main.ts'

const config = { ...loadConfig(), endpoints: inject('endpoints') }

test('workers start and stop on request', async () => {
  const store = openS3Store(config.endpoints.s3)
  await store.ensureBucket()
  store.close()
  const controller = new AbortController()
  const ready = Promise.withResolvers<void>()
  const mainQueue = `test-${process.pid}-main`
  const running = runWorkers({ config, signal: controller.signal, mainQueue, onReady: ready.resolve })
  await Promise.race([ready.promise, running])
  controller.abort()
  await expect(running).resolves.toBeUndefined()
})

test('a missing server is named', async () => {
  const temporal = { ...config.endpoints.temporal, address: '127.0.0.1:1' }
  const away = { ...config, endpoints: { ...config.endpoints, temporal } }
  const running = runWorkers({ config: away, signal: new AbortController().signal })
  await expect(running).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE', facts: { address: '127.0.0.1:1' } })
})

test('no settings are an error with a next step', async () => {
  const running = runWorkers({ config: { ...config, endpoints: null }, signal: new AbortController().signal })
  await expect(running).rejects.toMatchObject({ code: 'SERVERS_UNKNOWN' })
})
