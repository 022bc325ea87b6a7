// One writer as a process that can be killed: node tests/faults/writer-process.ts '<WriterProcess as JSON>'. Its journal is a file.
import { existsSync, readFileSync } from 'node:fs'
import { writeWholeFile } from '../../core/whole-file.ts'
import { openS3Store, type S3Options } from '../../lake/store/s3.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { Plan } from '../../schemas/plan.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { ingestToEnd, type Journal } from './writer.ts'

export interface WriterProcess {
  readonly kafka: Endpoints['kafka']
  readonly s3: Endpoints['s3']
  readonly options: Omit<S3Options, 'prefix'>
  readonly prefix: string
  readonly plan: Plan
  readonly name: string
  readonly maxRangeRows: number
  readonly journalFile: string
}

const settings = JSON.parse(process.argv[2]!) as WriterProcess
const { journalFile, kafka, s3, options, prefix, ...rest } = settings
const store = openS3Store(s3, { prefix, ...options })
const broker = await connectBroker({ brokers: kafka.brokers })
const journal: Journal = existsSync(journalFile)
  ? (JSON.parse(readFileSync(journalFile, 'utf8')) as Journal)
  : { round: 1 }
const keep = (kept: Journal) => writeWholeFile(journalFile, JSON.stringify(kept))
await ingestToEnd({ ...rest, store, broker, journal, keep })
await broker.close()
store.close()
