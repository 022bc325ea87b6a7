// Pipeline files that cannot be used, for people and for programs: named once, and the others go on.
import type { InvalidFile } from '../../plan/registry.ts'
import type { FailureCode, FailureFacts } from '../../schemas/failures.ts'

/** As it stands in a JSON document. */
export interface InvalidData {
  readonly file: string
  readonly code: FailureCode
  readonly message: string
  readonly next: string
  readonly facts: FailureFacts
}

/** Two lines per file: what is wrong, and what to do. */
export function describeInvalid(invalid: readonly InvalidFile[]): string[] {
  return invalid.flatMap(({ file, failure: { code, message, next } }) => [
    `✗ ${file} is left out: ${code}: ${message}`,
    `    next: ${next}`,
  ])
}

export function invalidData(invalid: readonly InvalidFile[]): InvalidData[] {
  return invalid.map(({ file, failure: { code, message, next, facts } }) => ({ file, code, message, next, facts }))
}
