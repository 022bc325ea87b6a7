// What goes wrong with a request → the status, headers and body of its answer. Every body has a code and what to do next.
import { isObject } from '../core/strict-json.ts'
import { type FailureCode, failure, isFailure, type SluiceFailure } from '../schemas/failures.ts'
import { MAX_BODY_BYTES, shortName } from './limits.ts'

export interface ErrorBody {
  readonly code:
    | FailureCode
    | 'METHOD_NOT_ALLOWED'
    | 'NOT_FOUND'
    | 'NOT_READY'
    | 'REQUEST_TIMEOUT'
    | 'UNAUTHORIZED'
    | 'UNEXPECTED'
  readonly message: string
  readonly next: string
  readonly field?: unknown
  readonly expected?: unknown
  readonly found?: unknown
}

export interface ErrorAnswer {
  readonly status: number
  readonly body: ErrorBody
  readonly headers?: Readonly<Record<string, string>>
}

/** A part of the request that is not as it must be, apart from what the columns say. */
export interface Misfit {
  /** the part: "body", "content-type" */
  readonly field: string
  readonly expected: string
  readonly found: string
  readonly next: string
}

/** An error that knows its answer: for refusals whose status says more than 400. */
class HttpRefusal extends Error {
  readonly answer: ErrorAnswer
  constructor(answer: ErrorAnswer) {
    super(answer.body.message)
    this.answer = answer
  }
}

/** A content type, charset or encoding that is not taken. The headers tell programs what is. */
export function refuseType(misfit: Misfit): Error {
  const headers = { accept: 'application/json', 'accept-encoding': 'identity' }
  return new HttpRefusal({ status: 415, headers, body: misfitBody(misfit) })
}

export function misfitBody({ field, expected, found, next }: Misfit): ErrorBody {
  const message = `${field}: expected ${expected}, found ${found}`
  return { code: 'REQUEST_INVALID', message, next, field, expected, found }
}

/** Any error → the answer. What is not of the catalogue stays inside: clients see no stack, path or key. */
export function toHttpError(error: unknown, headers: NodeJS.Dict<string | string[]> = {}): ErrorAnswer {
  if (error instanceof HttpRefusal) return error.answer
  if (isFailure(error)) {
    const answer = ofFailure(error)
    if (answer !== undefined) return answer
  }
  const status = statusOf(error)
  if (status === 413) return { status, body: misfitBody(tooLarge(headers)) }
  if (status === 415) return toHttpError(refuseContentType(headers))
  if (status >= 400 && status < 500) return { status, body: misfitBody(ofFastify(error, headers)) }
  const body = { code: 'UNEXPECTED', message: 'the server failed', next: 'read the log of `sluice serve`' } as const
  return { status: 500, body }
}

function ofFailure({ code, message, next, facts }: SluiceFailure): ErrorAnswer | undefined {
  const { field, expected, found } = facts
  if (code === 'REQUEST_INVALID') return { status: 400, body: { code, message, next, field, expected, found } }
  if (code === 'ANSWER_NOT_FINITE') return { status: 422, body: { code, message, next, field, found } }
  if (code === 'NO_CHAMPION' || code === 'SERVER_BUSY') return { status: 503, body: { code, message, next } }
  return undefined
}

function tooLarge(headers: NodeJS.Dict<string | string[]>): Misfit {
  const length = headers['content-length']
  return {
    field: 'body',
    expected: `at most ${MAX_BODY_BYTES} bytes`,
    found: length === undefined ? 'more' : `${String(length)} bytes`,
    next: 'send fewer rows at once',
  }
}

const SENT_BY_CURL = 'application/x-www-form-urlencoded'

function refuseContentType(headers: NodeJS.Dict<string | string[]>): Error {
  const type = headers['content-type']
  return refuseType({
    field: 'content-type',
    expected: 'application/json',
    found: type === undefined || type === '' ? 'none' : shortName(String(type)),
    next:
      type === SENT_BY_CURL
        ? "send JSON and say so: curl -H 'content-type: application/json' -d '{…}'"
        : 'send JSON, with the header content-type: application/json',
  })
}

/** Errors of fastify by their code; of others its own words, which hold nothing of the server's. */
function ofFastify(error: unknown, headers: NodeJS.Dict<string | string[]>): Misfit {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string }
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
    const expected = `the ${String(headers['content-length'])} bytes that content-length announces`
    return { field: 'body', expected, found: 'another number', next: 'send the whole body with its length' }
  }
  if (code === 'FST_ERR_BAD_URL') {
    const next = 'write the path as GET /models lists it'
    return { field: 'path', expected: 'a path in valid percent-encoding', found: shortName(message), next }
  }
  return { field: 'request', expected: 'a request that HTTP allows', found: shortName(message), next: 'correct it' }
}

function statusOf(error: unknown): number {
  return isObject(error) && typeof error.statusCode === 'number' ? error.statusCode : 500
}

/** A part of the request that is not as it must be: 400. */
export const refuse = (field: string, expected: string, found: string): SluiceFailure =>
  failure('REQUEST_INVALID', { field, expected, found })
