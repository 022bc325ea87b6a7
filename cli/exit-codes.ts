// What the exit code of a command says; scripts branch on it.
import { type FailureCode, isFailure } from '../schemas/failures.ts'

export const EXIT = {
  ok: 0,
  /** it was tried and failed */
  failed: 1,
  /** the command line or a setting is wrong */
  usage: 2,
  /** an honest no: gates failed, a decision or a request was refused */
  refused: 3,
  /** something that must be there first is not: servers, a worker, a champion, a candidate */
  notReady: 4,
  /** Ctrl-C, as shells report it */
  interrupted: 130,
  /** SIGTERM, as shells report it */
  terminated: 143,
} as const

const BY_CODE: Partial<Record<FailureCode, number>> = {
  CONFIG_INVALID: EXIT.usage,
  EVENTS_UNKNOWN: EXIT.usage,
  MODEL_UNKNOWN: EXIT.usage,
  PIPELINE_UNKNOWN: EXIT.usage,
  RUN_UNKNOWN: EXIT.usage,
  SAMPLE_UNFIT: EXIT.usage,
  CHAMPION_CHANGED: EXIT.refused,
  DECISION_REFUSED: EXIT.refused,
  REQUEST_INVALID: EXIT.refused,
  ROLLBACK_REFUSED: EXIT.refused,
  BROKER_UNAVAILABLE: EXIT.notReady,
  COLLECT_BUSY: EXIT.notReady,
  DATASET_MISSING: EXIT.notReady,
  NOTHING_TO_DECIDE: EXIT.notReady,
  NO_CHAMPION: EXIT.notReady,
  ORIGIN_MISSING: EXIT.notReady,
  PIPELINE_BUSY: EXIT.notReady,
  PIPELINE_UNSCHEDULED: EXIT.notReady,
  PORT_TAKEN: EXIT.notReady,
  PREREQUISITE_MISSING: EXIT.notReady,
  READERS_UNKNOWN: EXIT.notReady,
  ROW_UNKNOWN: EXIT.notReady,
  SERVER_NOT_READY: EXIT.notReady,
  SERVERS_UNKNOWN: EXIT.notReady,
  STORE_UNAVAILABLE: EXIT.notReady,
  TEMPORAL_REFUSED: EXIT.notReady,
  TEMPORAL_UNAVAILABLE: EXIT.notReady,
  TOPIC_UNKNOWN: EXIT.notReady,
  WORKER_MISSING: EXIT.notReady,
  WORKFLOW_PAUSED: EXIT.notReady,
  WORKFLOW_UNKNOWN: EXIT.notReady,
}

/** Exit code of an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  return isFailure(error) ? (BY_CODE[error.code] ?? EXIT.failed) : EXIT.failed
}
