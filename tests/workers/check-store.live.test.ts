// Workers refuse a store whose conditional writes race, and only such a store.
import { createServer } from 'node:http'
import { expect, inject, test } from 'vitest'
import { checkStore } from '../../workers/check-store.ts'
import { listen } from '../setup/listen.ts'

const { s3 } = inject('endpoints')

test('the local server passes', async () => {
  await expect(checkStore(s3)).resolves.toBeUndefined()
})

test('a server that lets everybody win is refused', async () => {
  // says 200 to every request and forgets the condition, as old look-alikes do
  const server = createServer((request, answer) => {
    request.resume().on('end', () => answer.writeHead(200, { etag: '"x"', 'content-length': 0 }).end())
  })
  const endpoint = `http://${await listen(server)}`
  try {
    await expect(checkStore({ ...s3, endpoint })).rejects.toMatchObject({ code: 'STORE_RACES' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
