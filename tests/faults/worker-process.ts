// node tests/faults/worker-process.ts QUEUE: the real training worker on a queue of its own, stopped by SIGTERM as `sluice worker` is.
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { loadConfig } from '../../core/config.ts'
import { runWorkers } from '../../workers/main.ts'

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
Runtime.install({ logger: new DefaultLogger('ERROR') })
await runWorkers({
  config: loadConfig(),
  signal: stop.signal,
  queues: ['cpu'],
  mainQueue: process.argv[2]!,
  onReady: () => console.log('ready'),
})
