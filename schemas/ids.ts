// How every key, chain name, queue and workflow id is derived. No key is a prefix of another key plus "/".
import type { OffsetRange } from './segment.ts'

const VERSION_DIGITS = 20
const OFFSET_DIGITS = 20

/** `<chain>/<20-digit version>.json` */
export function chainKey(chain: string, version: number): string {
  return `${chain}/${String(version).padStart(VERSION_DIGITS, '0')}.json`
}

export function snapshotChain(sourceId: string): string {
  return `sources/${sourceId}/snapshots`
}

export function ledgerChain(pipeline: string): string {
  return `models/${pipeline}/ledger`
}

/** Content-addressed object, e.g. objectKey('models', sha256, 'json'). */
export function objectKey(kind: string, sha256: string, extension: string): string {
  return `${kind}/${sha256.slice(0, 2)}/${sha256}.${extension}`
}

/** `segments/<source>/<partition>/<start>-<end>-<sha256>.arrow` (rejects likewise): the name tells what it holds. */
export function rangeKey(kind: 'segments' | 'rejects', sourceId: string, range: OffsetRange, sha256: string): string {
  const from = String(range.start).padStart(OFFSET_DIGITS, '0')
  const to = String(range.end).padStart(OFFSET_DIGITS, '0')
  return `${kind}/${sourceId}/${range.partition}/${from}-${to}-${sha256}.arrow`
}

/** Record of a finished stage: `stages/<pipeline>/<stage>/<digest of its inputs>.json`. */
export function stageKey(pipeline: string, stage: string, inputs: string): string {
  return `stages/${pipeline}/${stage}/${inputs}.json`
}

const TAIL = 'clean-tail-'
/** Stage of what is kept of a window that grows: of use until its next events are there. */
export const tailStage = (what: 'window' | 'ids'): string => `${TAIL}${what}`
export const isTailRecord = (key: string): boolean => key.split('/')[2]?.startsWith(TAIL) ?? false

/** Checkpoints of one training, found by its inputs: newest step sorts last. */
export function checkpointPrefix(pipeline: string, inputs: string): string {
  return `checkpoints/${pipeline}/${inputs}/`
}

export function checkpointKey(pipeline: string, inputs: string, step: number, sha256: string): string {
  return `${checkpointPrefix(pipeline, inputs)}${paddedStep(step)}-${sha256}.ckpt`
}

/** Keys with it sort by their steps. */
export function paddedStep(step: number): string {
  return String(step).padStart(12, '0')
}

/** Queue of workflows and data activities. */
export const MAIN_QUEUE = 'sluice-main'
/** The training queue that belongs to a main queue, one per device class with one slot, e.g. sluice-main → sluice-train-cpu. */
export function trainQueue(mainQueue: string, device: 'cpu' | 'gpu'): string {
  return `${mainQueue.replace(/-main$/, '')}-train-${device}`
}

export const retrainWorkflowId = (pipeline: string): string => `retrain/${pipeline}`
/** `once`: makes it an ingest of its own; without it the one that goes on is joined. */
export const ingestWorkflowId = (pipeline: string, once?: string): string =>
  once === undefined ? `ingest/${pipeline}` : `ingest/${pipeline}/${once}`
export const promoteWorkflowId = (pipeline: string, candidate: string): string => `promote/${pipeline}/${candidate}`
/** `target`: digest of the model that is to be live again; without it the page on which a person chooses. */
export const rollbackWorkflowId = (pipeline: string, target?: string): string =>
  target === undefined ? `rollback/${pipeline}` : `rollback/${pipeline}/${target}`
export const triggerWorkflowId = (pipeline: string, trigger: 'cron' | 'rows', index: number): string =>
  `trigger/${pipeline}/${trigger}-${index}`
export const scheduleId = (pipeline: string, trigger: 'cron' | 'rows', index: number): string =>
  `${pipeline}/${trigger}-${index}`

/** Twelve hex digits are enough for a person to compare. */
export const shortDigest = (sha256: string): string => sha256.slice(0, 12)

/** The consumer group whose offsets say how far a pipeline's lake is; nobody is a member of it. */
export function lagGroup(pipeline: string): string {
  return `sluice-${pipeline}`
}
