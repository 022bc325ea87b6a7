// Asks a broker whether it serves yet; an open port is too early and a log line is brittle.
import { connect } from 'node:net'

// Metadata request, version 1, correlation id 1, client id "up", no topics
const METADATA_REQUEST = Buffer.from('000000100003000100000001000275700000' + '0000', 'hex')

/** True when the broker names at least one broker and a controller. Rejects when it cannot be reached. */
export function isKafkaReady(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = Buffer.alloc(0)
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer within 1 s')))
    socket.once('error', reject)
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.write(METADATA_REQUEST))
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes])
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return
      resolve(namesController(answer))
      socket.destroy()
    })
  })
}

/** Reads size, correlation id, brokers [id, host, port, rack] and then the controller's id. */
function namesController(answer: Buffer): boolean {
  let at = 8
  const brokers = answer.readInt32BE(at)
  at += 4
  for (let index = 0; index < brokers; index++) {
    at += 4 // id
    at += 2 + answer.readInt16BE(at) // host
    at += 4 // port
    at += 2 + Math.max(answer.readInt16BE(at), 0) // rack, -1 when null
  }
  return brokers > 0 && answer.readInt32BE(at) >= 0
}
