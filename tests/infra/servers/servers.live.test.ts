// The shared servers answer their own clients.
import { expect, inject, test } from 'vitest'

test('provides the endpoints of running servers', async () => {
  const { s3, temporal } = inject('endpoints')
  expect((await fetch(`${s3.endpoint}/healthz`)).status).toBe(200)
  expect((await fetch(temporal.uiUrl)).status).toBe(200)
})
