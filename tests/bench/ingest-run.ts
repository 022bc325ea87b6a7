// One measured ingest in a process of its own: ranges of one partition through the pool, as the worker does it.
// usage: ingest-run.ts TOPIC END THREADS PREFIX [json|avro]; prints one line of JSON.
import { loadConfig } from '../../core/config.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Plan } from '../../schemas/plan.ts'
import { openIngestPool } from '../../workers/ingest/ingest-pool.ts'
import { EVENT_AVRO, EVENT_COLUMNS } from './events.ts'

const [topic = '', end = '0', threads = '1', prefix = '', format = 'json'] = process.argv.slice(2)
const config = { ...loadConfig(), ingestThreads: Number(threads) }
const { endpoints } = config
if (endpoints === null) throw new Error('no servers')
const source = format === 'avro' ? { topic, format, schema: EVENT_AVRO } : { topic, format }
const plan = { source, columns: EVENT_COLUMNS } as unknown as Plan
const store = openS3Store(endpoints.s3)
const pool = openIngestPool({ config, endpoints }, store)
const { signal } = new AbortController()
const ingest = (start: number, stop: number) =>
  pool.ingestRange({ plan, sourceId: prefix, range: { topic, partition: 0, start, end: stop } }, { signal })
// threads start and connect before the clock does, as the peers import their libraries
await Promise.all(Array.from({ length: config.ingestThreads }, (_, i) => ingest(i, i + 1)))
const startMs = performance.now()
const before = process.cpuUsage()
let rows = 0
let maxRssBytes = 0
const watch = setInterval(() => {
  maxRssBytes = Math.max(maxRssBytes, process.memoryUsage.rss())
}, 100)
const jobs: Promise<void>[] = []
for (let start = 0; start < Number(end); start += config.maxRangeRows) {
  const pieces = ingest(start, Math.min(start + config.maxRangeRows, Number(end)))
  jobs.push(
    pieces.then((all) => {
      for (const { segment } of all) rows += segment?.rows ?? 0
    }),
  )
}
await Promise.all(jobs)
clearInterval(watch)
const seconds = (performance.now() - startMs) / 1000
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ rows, seconds, cpuSeconds: (user + system) / 1e6, maxRssBytes }))
await pool.close()
store.close()
