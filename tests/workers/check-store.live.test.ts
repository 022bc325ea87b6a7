// Workers refuse a store whose conditional writes race, and only such a store.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, inject, test } from 'vitest'
import { checkStore } from '../../workers/check-store.ts'

const { s3 } = inject('endpoints')

test('the local server passes', async () => {
  await expect(checkStore(s3)).resolves.toBeUndefined()
})

test('a server that lets everybody win is refused', async () => {
  // says 200 to every request and forgets the condition, as old look-alikes do
  const server = createServer((request, answer) => {
    request.resume().on('end', () => answer.writeHead(200, { etag: '"x"', 'content-length': 0 }).end())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await expect(checkStore({ ...s3, endpoint })).rejects.toMatchObject({ code: 'STORE_RACES' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
