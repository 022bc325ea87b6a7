// The bytes of a request's body → JSON, by the reader that events go through.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { KEYS_ONCE, keyTwice, mayLoseFraction, readObject, restoreNumbers } from '../core/strict-json.ts'
import { shown } from '../schemas/shown.ts'
import { MAX_NAMES, requireShape, tooManyNames } from './body-shape.ts'
import { refuse, refuseType } from './http-errors.ts'
import { shortName } from './limits.ts'

/** UTF-8's byte order mark. JSON has none, but programs of Windows write one, and it cannot be misread. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Bodies are application/json in UTF-8, not compressed, and nothing else. */
export function addBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      requireUtf8(request)
      requirePlain(request)
      done(null, readBody(bytes as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
}

/**
 * One JSON value; in an object, integers beyond 2^53 are bigint, and numbers of which a float tells too little WrittenNumber. Throws
 * REQUEST_INVALID for what is no JSON, a key that stands twice, too many names in an object or too many levels. A list or a scalar is for
 * the route to refuse: it knows what it takes, and must not walk through it.
 */
export function readBody(bytes: Buffer): unknown {
  const start = bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0
  if (start === bytes.length) throw refuse('body', 'JSON', 'nothing')
  requireShape(bytes)
  const read = readObject(bytes, start, bytes.length)
  if ('object' in read) {
    if (read.widest > MAX_NAMES) throw tooManyNames()
    const isExact = !read.isRounded && !read.isInfinite && !mayLoseFraction(read.text)
    return isExact ? read.object : restoreNumbers(read)
  }
  if ('value' in read) return read.value
  const { expected, found } = read
  throw refuse(
    'body',
    expected,
    expected === KEYS_ONCE ? `${shown(keyTwice(bytes.toString('utf8', start)))} twice` : found,
  )
}

function requireUtf8({ headers }: FastifyRequest): void {
  if (headers['content-type'] === 'application/json') return
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  const next = 'send the body in UTF-8'
  throw refuseType({ field: 'content-type', expected: 'charset=utf-8', found: `charset=${shortName(charset)}`, next })
}

function requirePlain({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return
  const next = 'send the body without compressing it'
  throw refuseType({ field: 'content-encoding', expected: 'none', found: shortName(encoding), next })
}
