// Re-reads objects for a verification: bytes against their digest, what is wrong kept with who refers to it.
import { sha256 } from '../../core/digest.ts'
import type { Columns } from '../../schemas/columns.ts'
import { type FailureFacts, failure, isFailure, type SluiceFailure } from '../../schemas/failures.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import { decodeColumns } from '../columns/arrow.ts'
import type { Store } from '../store/store.ts'

/** One thing that is wrong; the verification goes on behind it. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** the object that is wrong */
  readonly key: string
  /** the object that says what it should be */
  readonly referredBy: string
}

export interface Verified {
  readonly objects: number
  readonly bytes: number
}

/** Files that are in memory at the same time: a segment may be 64 MiB. */
export const VERIFY_LANES = 4

type Referenced = Pick<ObjectRef, 'key' | 'sha256'> &
  Partial<Pick<ObjectRef, 'bytes'>> & {
    /** nothing needs the object any more, so collection may have deleted it */
    readonly mayBeGone?: boolean
  }

export interface ObjectVerifier {
  readonly problems: Problem[]
  /** read so far, each key once */
  readonly read: Verified
  /** The bytes if they are as `ref` says, else null and a problem. */
  bytes(ref: Referenced, referredBy: string): Promise<Uint8Array | null>
  /** The columns of an Arrow file, as `bytes`; with `rows` their number is checked. */
  columns(ref: Referenced & { readonly rows?: number }, referredBy: string): Promise<Columns | null>
  /** The value of a JSON object, as `bytes`. */
  json(ref: Referenced, referredBy: string): Promise<unknown>
  /** Counts an object that the caller has read and checked itself. */
  count(bytes: number): void
  report(place: Pick<Problem, 'key' | 'referredBy'>, error: unknown): void
}

export function createVerifier(store: Store): ObjectVerifier {
  const problems: Problem[] = []
  const read = { objects: 0, bytes: 0 }
  const seen = new Set<string>()
  const count = (bytes: number): void => {
    read.objects++
    read.bytes += bytes
  }
  const report: ObjectVerifier['report'] = (place, error) => {
    const problem = { ...place, ...describe(error) }
    const isKnown = problems.some(({ key, message }) => key === problem.key && message === problem.message)
    if (!isKnown) problems.push(problem)
  }
  const bytes: ObjectVerifier['bytes'] = async (ref, referredBy) => {
    const found = await store.get(ref.key)
    if (found === undefined && ref.mayBeGone) return null
    if (found !== undefined && !seen.has(ref.key)) count(found.byteLength)
    seen.add(ref.key)
    const wrong = difference(ref, found)
    if (wrong !== null) report({ key: ref.key, referredBy }, wrong)
    return wrong === null ? found! : null
  }
  const decoded = async <T>(
    ref: Referenced,
    referredBy: string,
    decode: (bytes: Uint8Array) => T,
  ): Promise<T | null> => {
    const found = await bytes(ref, referredBy)
    if (found === null) return null
    try {
      return decode(found)
    } catch (error) {
      report({ key: ref.key, referredBy }, error)
      return null
    }
  }
  return {
    problems,
    read,
    bytes,
    count,
    report,
    async columns(ref, referredBy) {
      const columns = await decoded(ref, referredBy, decodeColumns)
      if (columns === null || ref.rows === undefined || columns.rows === ref.rows) return columns
      report(
        { key: ref.key, referredBy },
        mismatch({ what: ref.key, expected: `${ref.rows} rows`, found: `${columns.rows}` }),
      )
      return null
    },
    json: (ref, referredBy) =>
      decoded(ref, referredBy, (found) => JSON.parse(new TextDecoder().decode(found)) as unknown),
  }
}

/** VERIFY_MISMATCH: bytes are as their digest says and do not say what they should. */
export function mismatch(facts: { readonly what: string; readonly expected: string; readonly found: string }): Error {
  return failure('VERIFY_MISMATCH', facts as FailureFacts)
}

function difference({ key, sha256: expected, bytes }: Referenced, found: Uint8Array | undefined): SluiceFailure | null {
  if (found === undefined) return failure('OBJECT_MISSING', { key })
  const digest = sha256(found)
  if (digest !== expected) return failure('OBJECT_CORRUPT', { key, expected, found: digest })
  if (bytes === undefined || bytes === found.byteLength) return null
  return failure('VERIFY_MISMATCH', { what: key, expected: `${bytes} bytes`, found: `${found.byteLength}` })
}

/** A store that does not answer is no finding: the verification itself failed. */
function describe(error: unknown): Pick<Problem, 'code' | 'message'> {
  if (isFailure(error, 'STORE_UNAVAILABLE') || isFailure(error, 'STORE_REFUSED')) throw error
  const message = error instanceof Error ? error.message : String(error)
  return { code: isFailure(error) ? error.code : 'OBJECT_UNREADABLE', message }
}
