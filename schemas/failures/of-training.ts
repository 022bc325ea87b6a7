// Failures of a training that went wrong: numbers that are none, memory that is too small, a process that ended. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const TRAINING_FAILURES = {
  GRADIENT_EXPLODED: {
    retry: 'fatal',
    message: 'the gradient of step {step} in epoch {epoch} had the norm {norm}, allowed is {limit}',
    next: 'look at {rows}; {advice}; where such a norm is usual raise train.gradientLimit; the last good checkpoint is {checkpoint}',
  },
  LOSS_NOT_FINITE: {
    retry: 'fatal',
    message: 'loss became {found} at step {step} in epoch {epoch}',
    next: 'look at {rows}; {before}; {advice}; the last good checkpoint is {checkpoint}',
  },
  OUT_OF_MEMORY: {
    retry: 'fatal',
    message: '{what} needs more memory than there is: {found}',
    next: '{advice}',
  },
  TRAINER_DIED: {
    retry: 'retry',
    message: 'the trainer process ended with {found} at step {step}',
    next: 'nothing: training goes on from the last checkpoint; if it repeats, memory may be too small (SIGKILL is how a kernel says so)',
  },
  TRAINER_GIVEN_UP: {
    retry: 'fatal',
    message:
      'the trainer process ended {deaths} times in a row without getting further, the last time with {found} at step {step}',
    next: '{advice}; a new run goes on from the last checkpoint. The end of what it printed: {log}',
  },
  WEIGHTS_NOT_FINITE: {
    retry: 'fatal',
    message: '{what} became {found} by step {step} in epoch {epoch}',
    next: 'look at {rows}; {advice}; train.gradientLimit shows the step that does it; the last good checkpoint is {checkpoint}',
  },
} as const satisfies Record<string, CatalogueEntry>
