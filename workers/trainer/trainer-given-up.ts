// A trainer that died in every attempt: what a person can do about it, by how it ended and what it printed.
import { failure, type SluiceFailure } from '../../schemas/failures.ts'

/** How a kernel that is short of memory ends a process, and how V8 and C++ end their own. */
const MEMORY_SIGNALS = /\bSIG(KILL|ABRT)\b/
const MEMORY_WORDS = /out of memory|bad_alloc|\bOOM\b|cannot allocate memory/i

/** How TRAINER_DIED begins for an error of the code itself. */
export const UNEXPECTED = 'an unexpected error'

/** TRAINER_DIED of the last attempt → TRAINER_GIVEN_UP. `deaths`: in a row, without a step more. */
export function givenUp(died: SluiceFailure, deaths: number): SluiceFailure {
  const { found, step, log } = died.facts
  const printed = typeof log === 'string' && log.trim() !== '' ? log.trim() : 'nothing'
  const facts = { found, step, deaths, log: printed, advice: adviceFor(String(found), printed) }
  return failure('TRAINER_GIVEN_UP', facts, died)
}

/** An error of the code itself, which the trainer lived to tell: it seldom passes by itself, as a kill does. */
export function isUnexpected(found: unknown): boolean {
  return String(found).startsWith(UNEXPECTED)
}

function adviceFor(found: string, log: string): string {
  if (MEMORY_SIGNALS.test(found) || MEMORY_WORDS.test(found) || MEMORY_WORDS.test(log)) {
    return 'too little memory is the likely cause (see the kernel log, or what the container says of its end): set train.accumulate, make the batch or the model smaller, or give the worker more memory'
  }
  if (isUnexpected(found)) return 'report this with what the trainer printed'
  return 'look at what the trainer printed, and at its machine'
}
