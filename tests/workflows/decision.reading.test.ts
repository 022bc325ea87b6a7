// What people type, read as a decision.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Asked, readDecision, readSupersession } from '../../workflows/decision.ts'
import { aModel } from './builders.ts'

const candidate = aModel().digest
const question: Asked = { candidate, verdict: 'PASS', undecided: [], stale: null }
const why = (typed: unknown, asked = question): string => {
  const read = readDecision(asked, typed)
  return read.ok ? 'accepted' : read.why
}

test('any prefix of twelve digits or more counts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 64 }),
      fc.boolean(),
      fc.constantFrom('', ' ', '\n\t'),
      (digits, upper, blank) => {
        const prefix = candidate.slice(0, digits)
        const candidateDigest = `${blank}${upper ? prefix.toUpperCase() : prefix}${blank}`
        expect(readDecision(question, { decision: 'approve', candidateDigest })).toMatchObject({ ok: true })
      },
    ),
  )
})

test('no other digest counts', () => {
  const hex = fc
    .stringMatching(/^[0-9a-f]{0,64}$/)
    .filter((digest) => digest.length < 12 || !candidate.startsWith(digest))
  fc.assert(
    fc.property(hex, (candidateDigest) => {
      expect(readDecision(question, { decision: 'approve', candidateDigest }).ok).toBe(false)
    }),
  )
})

test('nothing that is typed throws', () => {
  fc.assert(
    fc.property(fc.anything(), (typed) => {
      const read = readDecision(question, typed)
      expect(read.ok || read.why.length > 0).toBe(true)
    }),
  )
})

test('only a whole other digest supersedes', () => {
  const other = aModel('another').digest
  expect(readSupersession(candidate, { by: other })).toEqual({ ok: true, value: { by: other } })
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ by: fc.anything() })), (typed) => {
      expect(readSupersession(candidate, typed).ok).toBe(false)
    }),
  )
  for (const by of [candidate, other.slice(0, 12), other.toUpperCase()])
    expect(readSupersession(candidate, { by }).ok, by).toBe(false)
})

test('an object as text is read too', () => {
  expect(readDecision(question, JSON.stringify({ decision: 'approve', candidateDigest: candidate }))).toMatchObject({
    ok: true,
  })
})

test.each([
  ['APPROVE', 'approve'],
  [' approved ', 'approve'],
  ['yes', 'approve'],
  ['Rejected', 'reject'],
])('%o means %s', (decision, meaning) => {
  const read = readDecision(question, { decision, reason: 'r', candidateDigest: candidate })
  expect(read).toMatchObject({ ok: true, value: { decision: meaning } })
})

test('blanks are no reason', () => {
  expect(why({ decision: 'reject', reason: '  ', candidateDigest: candidate })).toContain('needs a reason')
})

test('refusals name the candidate', () => {
  expect(why({ decision: 'approve' })).toBe(`candidateDigest is missing: this candidate is "${candidate.slice(0, 12)}"`)
})

test('a question without gates asks for a reason', () => {
  const asked: Asked = { candidate, verdict: 'INCONCLUSIVE', undecided: [], stale: null }
  expect(why({ decision: 'approve', candidateDigest: candidate }, asked)).toContain('none was judged')
})
