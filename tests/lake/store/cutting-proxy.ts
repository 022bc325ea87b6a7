// A TCP proxy that breaks connections at random: before a request reaches the server, or after the server has acted on it.
import { connect, createServer, type Socket } from 'node:net'
import type { Random } from '../../../core/random.ts'
import { listen } from '../../setup/listen.ts'

interface CuttingProxy {
  /** base URL */
  readonly endpoint: string
  /** connections broken so far: before the request got through, and after it did */
  readonly cuts: { before: number; after: number }
  close(): Promise<void>
}

/** Stands before `target` (base URL). `share` of the requests meet each of the two faults. */
export async function startCuttingProxy({
  target,
  share,
  random,
}: {
  target: string
  share: number
  random: Random
}): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  const cuts = { before: 0, after: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let mute = false
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('data', (request) => {
      const draw = random()
      if (draw < share) {
        cuts.before++
        return end()
      }
      mute ||= draw < 2 * share
      upstream.write(request)
    })
    upstream.on('data', (answer) => {
      if (!mute) return client.write(answer)
      cuts.after++
      end()
    })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
  })
  const address = await listen(server)
  return {
    endpoint: `http://${address}`,
    cuts,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
