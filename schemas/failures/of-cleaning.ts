// Failures between rows and the numbers that a model is trained with: rules, splits, features, labels. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const CLEANING_FAILURES = {
  DATASET_MISSING: {
    retry: 'fatal',
    message: 'pipeline {pipeline}: expected rows of its present columns and rules, found none',
    next: '`sluice run {pipeline}` makes them',
  },
  ROWS_UNACCOUNTED: {
    retry: 'fatal',
    message: '{what}: expected {expected}, found {found}',
    next: 'report this: no dataset was written',
  },
  RULE_FAILED: {
    retry: 'fatal',
    message: 'rule "{rule}": expected {expected}, found {found}',
    next: 'look at the data of the topic, or change the rule',
  },
  TOO_FEW_ROWS: {
    retry: 'fatal',
    message: '{split} split: expected at least {expected} rows, found {found}; {taken}',
    next: 'send more events, look at what took the rows, or change the split',
  },
  FEATURE_CONSTANT: {
    retry: 'fatal',
    message: 'feature {column}: expected values that differ in training rows, found {found}',
    next: 'leave the feature out, or look at the data',
  },
  FEATURE_FLATTENED: {
    retry: 'fatal',
    message: 'feature {column}: expected training values that stay apart as inputs of the model, found {found}',
    next: 'look at these rows: min and max of the column or a rule keep out what is wrong; clip bounds what is meant, log brings it closer',
  },
  FEATURE_OVERFLOW: {
    retry: 'fatal',
    message: 'feature {column}: expected values that become inputs of 32-bit floats, found {found}',
    next: 'look at these rows: min and max of the column or a rule keep out what is wrong; clip bounds what is meant',
  },
  FEATURE_UNDEFINED: {
    retry: 'fatal',
    message: 'feature {column}: expected training values above -1 for the logarithm, found {found}',
    next: 'declare a min for the column, or leave out `log`',
  },
  LABEL_CONSTANT: {
    retry: 'fatal',
    message: 'label {column}: expected training rows of at least two values, found {found}',
    next: 'there is nothing to learn yet: send events of the other values, or look at rules and split, which may have taken them',
  },
  LABEL_OVERFLOW: {
    retry: 'fatal',
    message: 'label {column}: expected numbers up to 1.8e19, whose squares 32-bit floats hold, found {found}',
    next: 'look at these rows: min and max of the column or a rule keep out what is wrong; what is meant needs a larger unit',
  },
  LABEL_UNDEFINED: {
    retry: 'fatal',
    message: 'label {column}: expected values above -1 for the logarithm, found {found}',
    next: 'keep such rows out by min of the column or a rule, or leave out `log`',
  },
  WEIGHT_INVALID: {
    retry: 'fatal',
    message: 'weight column {column} holds {found} in row {row} of a part; expected a number from 0 on',
    next: 'give the column min: 0, so that ingest rejects such rows, or a rule that quarantines them',
  },
} as const satisfies Record<string, CatalogueEntry>
