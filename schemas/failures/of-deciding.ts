// Failures of decisions about models: approvals, rollbacks, questions that ended. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const DECIDING_FAILURES = {
  DECISION_REFUSED: { retry: 'fatal', message: '{detail}', next: 'correct the input and send it again' },
  DECISION_UNANSWERED: {
    retry: 'fatal',
    message: 'workflow {workflow} did not say what became of the decision: {detail}',
    next: '`sluice models {pipeline}` shows whether it was recorded; if not, send it again',
  },
  ROLLBACK_REFUSED: {
    retry: 'fatal',
    message: '{detail}',
    next: '`sluice models {pipeline}` shows who was live when; nothing was changed',
  },
  ROLLBACK_UNANSWERED: {
    retry: 'fatal',
    message: 'workflow {workflow} did not say what became of the rollback: {detail}',
    next: '`sluice models {pipeline}` shows what is live; if the rollback is not there, send it again',
  },
  CHAMPION_CHANGED: {
    retry: 'fatal',
    message: 'the candidate was judged against champion {expected}, live is now {found}',
    next: 'run the pipeline again: it is judged against the live champion',
  },
  QUESTION_CLOSED: {
    retry: 'fatal',
    message: 'the question about candidate {candidate} of {pipeline} is closed: {end}',
    next: 'nothing more was recorded; `sluice models {pipeline}` shows what was, and `sluice run {pipeline}` asks again where nobody decided',
  },
  NOTHING_TO_DECIDE: {
    retry: 'fatal',
    message: 'expected a candidate of {pipeline} that waits for a decision, found {found}',
    next: '`sluice run {pipeline}` makes one; `sluice models {pipeline}` shows what became of the others',
  },
} as const satisfies Record<string, CatalogueEntry>
