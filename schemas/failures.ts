// Errors of the catalogue: `throw failure('SEGMENT_GAP', { topic, … })`. Codes and words stand in failures/catalogue.ts.
import { FAILURES } from './failures/catalogue.ts'
import { shown } from './shown.ts'

export { FAILURES } from './failures/catalogue.ts'

export type FailureCode = keyof typeof FAILURES
export type FailureFacts = Readonly<Record<string, unknown>>

/** An error of the catalogue. `facts` are fields for programs; the message is for people. */
export class SluiceFailure extends Error {
  override readonly name = 'SluiceFailure'
  readonly code: FailureCode
  readonly facts: FailureFacts
  /** what to do, with the facts filled in */
  readonly next: string

  constructor(code: FailureCode, facts: FailureFacts, cause?: unknown) {
    super(fill(FAILURES[code].message, facts), cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
    this.next = fill(FAILURES[code].next, facts)
  }
}

/** Builds a catalogue error: `throw failure('SEGMENT_GAP', { topic, partition, expected, found })`. */
export function failure(code: FailureCode, facts: FailureFacts = {}, cause?: unknown): SluiceFailure {
  return new SluiceFailure(code, facts, cause)
}

export function isFailure(error: unknown, code?: FailureCode): error is SluiceFailure {
  return error instanceof SluiceFailure && (code === undefined || error.code === code)
}

/** Codes that no retry cures: the workflows' retry table is made from these. */
export const FATAL_CODES: readonly FailureCode[] = (Object.keys(FAILURES) as FailureCode[]).filter(
  (code) => FAILURES[code].retry === 'fatal',
)

/** A fact that is not known where the error arises stays a place to fill in: "<pipeline>". */
function fill(template: string, facts: FailureFacts): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => (name in facts ? textOf(facts[name]) : `<${name}>`))
}

function textOf(fact: unknown): string {
  return typeof fact === 'string' ? fact : shown(fact, Number.POSITIVE_INFINITY)
}
