// A door before a server: shut, clients find nothing there; opened again, they find the server as it is.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface ServerGate {
  /** host:port for clients */
  readonly address: string
  /** Ends all connections and takes no more. */
  shut(): Promise<void>
  open(): Promise<void>
}

/** Open at first. `target`: host:port. */
export async function serverGate(target: string): Promise<ServerGate> {
  const [host, targetPort] = target.split(':') as [string, string]
  const sockets = new Set<Socket>()
  const remember = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((client) => {
      const there = remember(connect(Number(targetPort), host))
      remember(client).pipe(there).pipe(client)
      client.on('close', () => there.destroy())
      there.on('close', () => client.destroy())
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server: Server | null = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async shut() {
      const closing = server
      server = null
      for (const socket of sockets) socket.destroy()
      if (closing !== null) await new Promise((resolve) => closing.close(resolve))
    },
    async open() {
      server ??= await listen(port)
    },
  }
}
