// npm run bench NAME [ARG …]: runs one benchmark of this folder against servers of its own.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const BENCHMARKS: Readonly<Record<string, string>> = {
  ingest: 'Kafka to segments on S3, beside a Python sink, Polars, DuckDB and consumers that only read',
  clean: 'segments to clean parts and a matrix, beside Polars, DuckDB and pandas; one more segment in a thousand',
  decode: 'bytes to columns directly, beside making values first',
  inflate: 'one batch that inflates to half a gigabyte, by codec',
  memory: 'resident memory while a large backlog is read',
  threads: 'one, two and four reading threads',
  workers: 'one, two and four workers',
  train: 'training steps of six networks, beside Keras and PyTorch',
  predict: 'answers and generated tokens, beside Keras and PyTorch',
  mnist: "how much of MNIST's own test set the pipeline digits-images reads right",
  textgen: 'recurrent networks and transformers on textgen, each for the same minutes',
}

const [name = '', ...args] = process.argv.slice(2)
const file = path.join(import.meta.dirname, `${name}.ts`)
if (!(name in BENCHMARKS) || !existsSync(file)) {
  console.error('usage: npm run bench NAME')
  for (const [each, does] of Object.entries(BENCHMARKS)) console.error(`  ${each.padEnd(8)} ${does}`)
  process.exit(2)
}
const { run } = (await import(pathToFileURL(file).href)) as { run?: (args: readonly string[]) => Promise<void> }
await run?.(args)
