// Every workflow that a worker runs; the export's name is the workflow's type.
export { ingest } from './ingest.ts'
export { promote } from './promote.ts'
export { retrain } from './retrain.ts'
export { rollback } from './rollback.ts'
export { trigger } from './trigger.ts'
