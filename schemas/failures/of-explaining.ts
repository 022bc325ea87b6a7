// Failures of looking back: which run, which row, what a model was made from. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const EXPLAINING_FAILURES = {
  RUN_UNKNOWN: {
    retry: 'fatal',
    message: 'pipeline {pipeline}, run {name}: expected {expected}, found {found}',
    next: '`sluice why {pipeline} --list` lists what runs made',
  },
  ROW_UNKNOWN: {
    retry: 'fatal',
    message:
      'pipeline {pipeline}: expected a record whose {column} is {id}, found none in {records} records of the lake',
    next: 'look for what did not decode with `sluice rejects {pipeline}`; `sluice ingest {pipeline}` brings what waits in the topic',
  },
  ORIGIN_MISSING: {
    retry: 'fatal',
    message: 'model {model} cannot be made again: expected {expected}, found {found}',
    next: 'what a model is made from stays in the bucket as long as the model is there and nobody deletes it by other means than `sluice collect {pipeline}`; `sluice verify {pipeline}` lists what is gone',
  },
} as const satisfies Record<string, CatalogueEntry>
