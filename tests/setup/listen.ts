// A server of a test: on this machine, at a port that is free.
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

/** → where it listens, e.g. "127.0.0.1:40123" */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
