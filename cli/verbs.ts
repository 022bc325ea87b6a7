// Every verb of the command line: how it is called, what it does, where it is. Only the verb that is used gets loaded.
import type { Command } from 'commander'
import type { Shell } from './shell.ts'

export interface Verb {
  /** name and arguments */
  readonly usage: string
  readonly description: string
  readonly load: () => Promise<{ readonly define: (command: Command, shell: Shell) => void }>
}

export const VERBS: readonly Verb[] = [
  {
    usage: 'init <folder>',
    description: 'make a project of your own: a pipeline that runs, its events, a test',
    load: () => import('./commands/init.ts'),
  },
  {
    usage: 'up',
    description: 'start local Kafka, S3 and Temporal (fetching them the first time)',
    load: () => import('./commands/up.ts'),
  },
  {
    usage: 'down',
    description: 'stop the local servers and the worker; their data stays',
    load: () => import('./commands/down.ts'),
  },
  {
    usage: 'status',
    description: 'show servers, worker, champions and what waits for approval',
    load: () => import('./commands/status.ts'),
  },
  {
    usage: 'doctor',
    description: 'check prerequisites, servers, bucket, topics and backend',
    load: () => import('./commands/doctor.ts'),
  },
  {
    usage: 'setup <part>',
    description: 'fetch and build the native TensorFlow backend: `setup native`',
    load: () => import('./commands/setup.ts'),
  },
  {
    usage: 'apply [pipeline]',
    description: 'check a pipeline, or all; create topic, bucket and schedules',
    load: () => import('./commands/apply.ts'),
  },
  {
    usage: 'inspect <topic|file>',
    description: 'propose a pipeline file for a topic, NDJSON, CSV or Parquet file',
    load: () => import('./commands/inspect.ts'),
  },
  {
    usage: 'test [pipeline]',
    description: 'run a pipeline, or all, on a sample in this process: no servers, in seconds',
    load: () => import('./commands/test.ts'),
  },
  {
    usage: 'send <pipeline>',
    description: 'send example events, or NDJSON of your own',
    load: () => import('./commands/send.ts'),
  },
  {
    usage: 'worker',
    description: 'run workflows, activities and training until Ctrl-C',
    load: () => import('./commands/worker.ts'),
  },
  {
    usage: 'run <pipeline>',
    description: 'ingest, clean, train, evaluate now; ask a person unless a gate fails',
    load: () => import('./commands/run.ts'),
  },
  {
    usage: 'pause <pipeline>',
    description: 'stop what starts a pipeline by itself; a run under way goes on',
    load: () => import('./commands/pause.ts'),
  },
  {
    usage: 'resume <pipeline>',
    description: 'let the schedules of a pipeline start it again',
    load: () => import('./commands/resume.ts'),
  },
  {
    usage: 'delete <pipeline>',
    description: 'remove schedules and close questions; --data deletes its models and events too',
    load: () => import('./commands/delete.ts'),
  },
  {
    usage: 'why <pipeline> [run]',
    description: 'for each stage: done or reused, and the exact words, rows or files that differ',
    load: () => import('./commands/why.ts'),
  },
  {
    usage: 'diff <pipeline> [a] [b]',
    description: 'two runs or models beside each other: data, words, code, machine, metrics, gates',
    load: () => import('./commands/diff.ts'),
  },
  {
    usage: 'lineage <pipeline> [model]',
    description: 'a model down to its offsets, or with --row a record up to the models that learnt from it',
    load: () => import('./commands/lineage.ts'),
  },
  {
    usage: 'reproduce <pipeline> [model]',
    description: 'make a model again from its offsets and compare bytes: segments, dataset, weights, evaluation',
    load: () => import('./commands/reproduce.ts'),
  },
  {
    usage: 'rejects <pipeline>',
    description: 'show what did not decode and why; `rejects replay` sends it through again after a fix',
    load: () => import('./commands/rejects.ts'),
  },
  {
    usage: 'rows <pipeline>',
    description: 'show rows that were set aside, dropped or sent twice, with their reasons',
    load: () => import('./commands/rows.ts'),
  },
  {
    usage: 'compact <pipeline>',
    description: 'merge small files of the source; rows, offsets and datasets stay the same',
    load: () => import('./commands/compact.ts'),
  },
  {
    usage: 'collect <pipeline>',
    description: 'count what nothing in the bucket needs any more; --delete deletes it',
    load: () => import('./commands/collect.ts'),
  },
  {
    usage: 'export <pipeline>',
    description: 'write the newest dataset, or the decoded rows, as Parquet files',
    load: () => import('./commands/export.ts'),
  },
  {
    usage: 'export-model <pipeline>',
    description: 'write a model as a TensorFlow SavedModel or for tfjs in a browser',
    load: () => import('./commands/export-model.ts'),
  },
  {
    usage: 'ingest <pipeline>',
    description: 'bring the lake up to the end of the topic, without training',
    load: () => import('./commands/ingest.ts'),
  },
  {
    usage: 'verify <pipeline|source>',
    description: 're-read everything in the bucket: hashes, counts, every offset exactly once',
    load: () => import('./commands/verify.ts'),
  },
  {
    usage: 'approve <pipeline|workflow>',
    description: 'approve the candidate that waits; it goes live',
    load: () => import('./commands/approve.ts'),
  },
  {
    usage: 'reject <pipeline|workflow>',
    description: 'reject the candidate that waits; the champion stays',
    load: () => import('./commands/reject.ts'),
  },
  {
    usage: 'rollback <pipeline>',
    description: 'put the champion before, or another that was live, back into service',
    load: () => import('./commands/rollback.ts'),
  },
  {
    usage: 'models <pipeline>',
    description: 'show the champion, what waits, and the history',
    load: () => import('./commands/models.ts'),
  },
  {
    usage: 'serve [pipelines...]',
    description: 'serve champions over HTTP; a new champion is taken up by itself',
    load: () => import('./commands/serve.ts'),
  },
  {
    usage: 'predict <pipeline>',
    description: 'ask the champion once, without a server',
    load: () => import('./commands/predict.ts'),
  },
  {
    usage: 'generate <pipeline>',
    description: 'let the champion go on with a text, without a server',
    load: () => import('./commands/generate.ts'),
  },
  {
    usage: 'demo [pipeline]',
    description: 'show the whole job: from nothing to a model that answers, and a retrain by itself',
    load: () => import('./commands/demo.ts'),
  },
  {
    usage: 'completion <shell>',
    description: 'print the script by which bash, zsh or fish completes commands',
    load: () => import('./commands/completion.ts'),
  },
]

export const verbName = ({ usage }: Verb): string => usage.split(' ', 1)[0]!
