// Defects of kafkajs 2.2.4 that its maintainers have not released repairs for, repaired in place once per process.
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

let repaired = false

/** Idempotent. */
export function repairKafkajs(): void {
  if (repaired) return
  repaired = true
  repairTimers()
  repairConnects()
}

/**
 * kafkajs sets a timer with a negative delay after every request, which Node 24 reports on stderr.
 * The timer matters only while requests wait: https://github.com/tulios/kafkajs/issues/1751
 */
function repairTimers(): void {
  const { prototype } = load('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }
}

/**
 * Two callers that connect at the same time get a socket each; closing ends the second only, so the process never exits,
 * and the first, when the broker drops it as idle, tears down the second. Here they share one attempt.
 * kafkajs also leaves an attempt unsettled when the peer hangs up at once; here it is rejected.
 */
function repairConnects(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { readonly prototype: Connection }
  const { KafkaJSConnectionClosedError } = load('kafkajs/src/errors') as ErrorsModule
  const underWay = new WeakMap<Connection, PromiseWithResolvers<unknown>>()
  const { connect, disconnect } = prototype
  prototype.connect = function connectOnce(this: Connection) {
    const shared = underWay.get(this)
    if (shared !== undefined) return shared.promise
    const attempt = Promise.withResolvers<unknown>()
    const settled = (): void => {
      if (underWay.get(this) === attempt) underWay.delete(this)
    }
    underWay.set(this, attempt)
    connect.call(this).then(attempt.resolve, attempt.reject).finally(settled)
    return attempt.promise
  }
  prototype.disconnect = async function disconnectAndSettle(this: Connection) {
    const attempt = underWay.get(this)
    underWay.delete(this)
    const result = await disconnect.call(this)
    const { host, port } = this
    // after kafkajs's own rejection, which says more
    setImmediate(() => attempt?.reject(new KafkaJSConnectionClosedError('Closed while connecting', { host, port })))
    return result
  }
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

interface Connection {
  readonly host: string
  readonly port: number
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

interface ErrorsModule {
  readonly KafkaJSConnectionClosedError: new (message: string, facts: { host: string; port: number }) => Error
}
