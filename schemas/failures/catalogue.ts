// The failure catalogue: code → retry class, message, what to do next. The code is the `type` of Temporal's failure.
import type { CatalogueEntry } from './entry.ts'
import { CLEANING_FAILURES } from './of-cleaning.ts'
import { DECIDING_FAILURES } from './of-deciding.ts'
import { EXPLAINING_FAILURES } from './of-explaining.ts'
import { MODEL_FAILURES } from './of-models.ts'
import { SOURCE_FAILURES } from './of-sources.ts'
import { TRAINING_FAILURES } from './of-training.ts'

export const FAILURES = {
  // ── configuration and prerequisites
  CONFIG_INVALID: {
    retry: 'fatal',
    message: 'setting {name}: expected {expected}, found {found}',
    next: 'correct the setting and start again; `sluice doctor` checks them all',
  },
  PREREQUISITE_MISSING: { retry: 'fatal', message: '{name} is needed for {purpose}, found {found}', next: '{fix}' },
  DOWNLOAD_BROKEN: {
    retry: 'retry',
    message: '{name}: expected {expected}, found {found}',
    next: 'run the same command again; if it repeats, the mirror serves other bytes than the pinned version',
  },
  DOWNLOAD_FAILED: {
    retry: 'retry',
    message: '{program} could not fetch {name}: {detail}',
    next: 'check the network (behind a proxy: HTTPS_PROXY) and the registry that your own tools are set to (npm config, pip.conf or PIP_INDEX_URL, ~/.m2/settings.xml), then run the same command again',
  },
  LIBRARY_UNREACHABLE: {
    retry: 'retry',
    message: '{url} cannot be fetched: {found}',
    next: 'check the network (behind a proxy: HTTPS_PROXY), or name a mirror or a file:// of that archive in SLUICE_LIBTENSORFLOW_URL; `sluice setup native --source wheel` has it from Python wheels',
  },
  PORT_MOVED: {
    retry: 'fatal',
    message: '{server} runs on port {found}, asked for was {expected}',
    next: '`sluice down`, then start again with the port',
  },
  DISK_REFUSED: {
    retry: 'fatal',
    message: '{place} cannot be written: {found}',
    next: 'make room or give the right to it, or name another place: by the option of the command, SLUICE_STATE (local servers), SLUICE_CACHE (downloads), TMPDIR (what is in the making)',
  },
  PORT_TAKEN: {
    retry: 'fatal',
    message: '{server}: port {port} is taken by another process',
    next: 'stop that process, or configure another port',
  },
  SERVERS_UNKNOWN: {
    retry: 'fatal',
    message: 'expected endpoints from `sluice up` or the environment, found neither',
    next: '`sluice up` starts local servers; docs/guides/operate.md lists the variables for servers of your own',
  },
  SERVER_NOT_READY: {
    retry: 'retry',
    message: '{server} was not ready after {ms} ms: {detail}',
    next: 'read its log at {log}',
  },
  SERVER_DIED: {
    retry: 'retry',
    message: '{server} ended before it was ready: {detail}',
    next: 'read its log at {log}',
  },
  S3_SERVER_CHANGED: {
    retry: 'fatal',
    message:
      '{folder} holds objects that {found} wrote, and SLUICE_S3_SERVER asks for {expected}, which cannot read them',
    next: 'unset SLUICE_S3_SERVER to go on with {found}, or start over: `sluice down`, then remove .sluice',
  },
  STATE_LOCKED: {
    retry: 'retry',
    message: 'process {pid} has been starting or stopping servers for {ms} ms (lock {lock})',
    next: 'wait for it or end it, then run the same command again',
  },

  // ── pipeline definitions
  EVENTS_UNKNOWN: {
    retry: 'fatal',
    message: 'pipeline {pipeline}: expected events in {expected}, found {found}',
    next: 'send your own: `sluice send {pipeline} --file events.ndjson`, one JSON event a line',
  },
  PIPELINE_BUSY: {
    retry: 'fatal',
    message: 'pipeline {pipeline}: expected no run under way, found {workflows}',
    next: 'wait for its end (`sluice status`) or cancel it in the Temporal UI, then `sluice delete {pipeline}` again',
  },
  PIPELINE_INVALID: {
    retry: 'fatal',
    message: 'pipeline {pipeline}, {path}: expected {expected}, found {found}',
    next: 'correct the pipeline file, then `sluice apply`',
  },
  READERS_UNKNOWN: {
    retry: 'fatal',
    message:
      'who else needs the data of {pipeline} is not known: expected files that say what they read, found {files}',
    next: 'correct them or move them away (`sluice doctor` says what is wrong), then the same command again; no data was deleted',
  },
  SAMPLE_UNFIT: {
    retry: 'fatal',
    message: 'the sample of {sample}: expected {expected}, found {found}',
    next: 'name what is to be predicted with --label, or take a sample that has it',
  },
  PIPELINE_UNSCHEDULED: {
    retry: 'fatal',
    message: 'pipeline {pipeline} has no schedules in Temporal: nothing starts it by itself',
    next: '`sluice apply {pipeline}` makes those of its file (`retrain: [when…]`)',
  },
  PIPELINE_UNKNOWN: {
    retry: 'fatal',
    message: 'no pipeline {pipeline}: found {found}',
    next: 'write pipelines/{pipeline}/pipeline.ts, or name one of those',
  },

  // ── Kafka
  ...SOURCE_FAILURES,

  // ── the store and its chains
  CHAIN_BROKEN: {
    retry: 'fatal',
    message: 'chain {chain}: expected {expected}, found {found} (keys {first} and {second})',
    next: 'do not write; restore the chain from a backup, or ask for help with both keys',
  },
  CHAIN_CONFLICT: {
    retry: 'retry',
    message: 'chain {chain}: another writer committed version {version} first',
    next: 'nothing: the run plans again from the new head',
  },
  COLLECT_BUSY: {
    retry: 'fatal',
    message: 'expected no run under way, found {workflows}',
    next: 'wait until they end (`sluice status`), then the same command again; no object was deleted',
  },
  OBJECT_CORRUPT: {
    retry: 'fatal',
    message: 'object {key}: expected sha256 {expected}, found {found}',
    next: 'restore the object from a backup',
  },
  OBJECT_MISSING: {
    retry: 'fatal',
    message: 'object {key} is referenced and does not exist',
    next: 'restore it from a backup; nothing of sluice deletes referenced objects',
  },
  SEGMENT_GAP: {
    retry: 'fatal',
    message: '{topic}/{partition}: expected a range that starts at {expected}, found {found}',
    next: 'report this: the commit was refused and nothing was written',
  },
  STORE_RACES: {
    retry: 'fatal',
    message: 'bucket {bucket}: of {writers} concurrent conditional PUTs {winners} succeeded, expected exactly 1',
    next: 'use a store with sound If-None-Match (AWS S3, s3proxy ≥ 4.1, versitygw ≥ 1.8); sluice would lose commits on this one',
  },
  STORE_UNAVAILABLE: {
    retry: 'retry',
    message: 'S3 {operation} {key}: {detail}',
    next: 'check that the server runs and the credentials are right; work goes on by itself when it is back',
  },
  STORE_REFUSED: {
    retry: 'fatal',
    message: 'S3 {operation} {key}: {detail}',
    next: 'check credentials, bucket name and permissions',
  },
  VERIFY_MISMATCH: {
    retry: 'fatal',
    message: '{what}: expected {expected}, found {found}',
    next: 'do not write; restore what is named from a backup, or report it',
  },

  // ── cleaning
  ...CLEANING_FAILURES,

  // ── training and judging
  ...MODEL_FAILURES,
  ...EXPLAINING_FAILURES,
  ...TRAINING_FAILURES,
  DEVICE_MISSING: {
    retry: 'fatal',
    message: 'training asks for {expected}, found {found}',
    next: "run a worker on a machine with that device, set `device: 'any'`, or allow less with SLUICE_GPU_FALLBACK=1",
  },
  EXPORT_DIFFERS: {
    retry: 'fatal',
    message: 'the exported model answers golden row {row} with {found}, expected {expected}',
    next: 'nothing was written; report this with the pipeline file and the model',
  },
  GRAPH_UNTRACEABLE: {
    retry: 'fatal',
    message: 'the step cannot be compiled: {found}',
    next: 'nothing: training goes on without a graph, slower; a step of tensor operations alone, with changing numbers as inputs, compiles',
  },
  TRAINER_CHANGED: {
    retry: 'fatal',
    message: 'file {file} of the trainer: expected sha256 {expected}, found {found}',
    next: 'bring the same files to every worker; after a change `sluice run {pipeline}` takes them up, `sluice apply` for schedules',
  },
  TRAINER_FAILED: {
    retry: 'fatal',
    message: 'trainer {trainer} ended with {found}; the end of what it printed: {log}',
    next: 'correct the program; docs/reference/trainer-contract.md says how it can be tried by hand',
  },
  TRAINER_OUTPUT_INVALID: {
    retry: 'fatal',
    message: 'trainer {trainer}, {what}: expected {expected}, found {found}',
    next: 'correct the program; docs/reference/trainer-contract.md says what it must write',
  },
  START_UNFIT: {
    retry: 'fatal',
    message: 'training is to begin with the weights of {model}, which are {found}; the plan needs {expected}',
    next: 'leave train.from out for this run: the model has other shapes',
  },
  MODEL_INVALID: {
    retry: 'fatal',
    message: 'model {model}: expected {expected}, found {found}',
    next: 'train again; the model stays out of service',
  },
  MODEL_UNKNOWN: {
    retry: 'fatal',
    message: 'pipeline {pipeline}: expected one model whose digest starts with {expected}, found {found}',
    next: '`sluice models {pipeline}` lists them',
  },
  GATE_INVALID: {
    retry: 'fatal',
    message: 'gate {gate}: expected {expected}, found {found}',
    next: 'correct the gate in the pipeline file',
  },

  // ── promotion and serving
  ...DECIDING_FAILURES,
  NO_CHAMPION: {
    retry: 'fatal',
    message: 'pipeline {pipeline} has no model in service',
    next: '`sluice run {pipeline}`, then approve the candidate',
  },
  SERVER_BUSY: {
    retry: 'retry',
    message: 'the server generates {found} texts, expected less than {expected}',
    next: 'ask again in a moment, or start another server',
  },
  REQUEST_INVALID: {
    retry: 'fatal',
    message: '{field}: expected {expected}, found {found}',
    next: 'correct the request; docs/guides/serve.md says what it may hold',
  },

  // ── the rest
  INPUT_INVALID: {
    retry: 'fatal',
    message: '{what}, {path}: expected {expected}, found {found}',
    next: 'correct the input and start again',
  },
  RESULT_TOO_LARGE: {
    retry: 'fatal',
    message: 'activity {activity}: expected a result of at most {expected} bytes, found {found}',
    next: 'make the pipeline smaller (rules with shorter names, fewer partitions), and report this with its file: what is so large should travel as a reference',
  },
  RUN_STOPPED: {
    retry: 'fatal',
    message: '{what} was {how} before its end',
    next: 'start it again: what is done is reused',
  },
  RUN_FAILED: {
    retry: 'fatal',
    message: 'the run failed in {what}: {detail}',
    next: 'start it again; if it fails in the same place, report this with its stack, which the Temporal UI has',
  },
  TEMPORAL_REFUSED: {
    retry: 'fatal',
    message: 'Temporal at {address}, namespace {namespace}: {detail}',
    next: 'check that Temporal is what answers there, SLUICE_TEMPORAL_NAMESPACE and the credentials; `sluice up` makes the namespace of local servers',
  },
  TEMPORAL_UNAVAILABLE: {
    retry: 'retry',
    message: 'Temporal at {address}: {detail}',
    next: 'check that it runs (`sluice status`), or start it with `sluice up`',
  },
  WORKER_MISSING: {
    retry: 'fatal',
    message: 'expected a worker on queue {queue}, found none',
    next: 'start one in another terminal: `sluice worker`',
  },
  WORKFLOW_PAUSED: {
    retry: 'fatal',
    message: 'expected workflow {workflow} to run, found it {found}',
    next: 'unpause it in the Temporal UI, then decide again: `sluice approve {workflow} --reason "…"` or `sluice reject {workflow} --reason "…"`',
  },
  WORKFLOW_UNKNOWN: {
    retry: 'fatal',
    message: 'no workflow {workflow}',
    next: '`sluice status` lists what runs and what waits',
  },
} as const satisfies Record<string, CatalogueEntry>
