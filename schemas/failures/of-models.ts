// Failures of the kinds of models: sizes that do not fit the data, networks of the user's own. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const MODEL_FAILURES = {
  ANSWER_NOT_FINITE: {
    retry: 'fatal',
    message: '{what}: expected finite numbers as the answer of the model, found {found}',
    next: 'look at what was asked: extreme values are kept out by min and max of their columns; if they are ordinary, train again, the model computes beyond 32-bit floats',
  },
  MODEL_FILE_CHANGED: {
    retry: 'fatal',
    message: 'the network {file} has sha256 {found}, this model was made with {expected}',
    next: 'bring the file back as it was (its history is in your version control), or train and approve a model of the new one',
  },
  MODEL_FILE_INVALID: {
    retry: 'fatal',
    message: 'the network {file}: expected {expected}, found {found}',
    next: 'correct the file; docs/guides/models.md shows one',
  },
  MODEL_UNFIT: {
    retry: 'fatal',
    message: 'model.{model} expects {expected}, the features give {found}',
    next: 'change the features or the model in the pipeline file; docs/guides/models.md says which go together',
  },
} as const satisfies Record<string, CatalogueEntry>
