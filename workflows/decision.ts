// What a person typed → a decision or a supersession, or the words why not. Pure.
import type { DecideInput, Judged, SupersedeInput } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import type { ChampionChanged } from '../schemas/rollback.ts'
import { shown } from '../schemas/shown.ts'
import type { Verdict } from '../schemas/verdict.ts'

export interface Decided {
  readonly decision: DecideInput['decision']
  /** '' when none was given and none is needed */
  readonly reason: string
  readonly by: string
}

/** What a decision is checked against. */
export interface Asked {
  readonly candidate: string
  readonly verdict: Verdict
  /** gates in words, for the refusal */
  readonly undecided: readonly string[]
  /** why it cannot be approved now, only rejected; null: it can */
  readonly stale: string | null
}

export type Read<T = Decided> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

const MIN_DIGEST_DIGITS = 12
const DIGEST = /^[0-9a-f]{64}$/
const EXAMPLE = '{"decision": "approve", "reason": "…", "candidateDigest": "…", "by": "your name"}'

/** Accepts what a hurried person types: capitals, blanks, "approved", a digest's first 12 digits or more, with or without "sha256:". */
export function readDecision(asked: Asked, typed: unknown): Read {
  const fields = asFields(typed)
  if (fields === null) return refuse(`expected one JSON object like ${EXAMPLE}`)
  const decision = asDecision(fields.decision)
  if (decision === null) return refuse(`decision: expected "approve" or "reject", found ${shown(fields.decision)}`)
  const wrongDigest = checkDigest(asked.candidate, fields.candidateDigest)
  if (wrongDigest !== null) return refuse(wrongDigest)
  const reason = asText(fields.reason)
  if (decision === 'reject' && reason === '') return refuse('a rejection needs a reason: add "reason": "…"')
  if (decision === 'approve') {
    if (asked.stale !== null) return refuse(asked.stale)
    if (asked.verdict === 'FAIL')
      return refuse(
        'this candidate failed its gates and cannot be approved: reject it, or change the gates and run again',
      )
    if (asked.verdict === 'INCONCLUSIVE' && reason === '')
      return refuse(
        `the gates are INCONCLUSIVE (${asked.undecided.join('; ') || 'none was judged'}): approving needs a reason, add "reason": "…"`,
      )
  }
  return { ok: true, value: { decision, reason, by: asText(fields.by) || 'not stated' } }
}

/** sluice itself sends it, with the newer candidate's whole digest; by hand anything may come. */
export function readSupersession(candidate: string, typed: unknown): Read<SupersedeInput> {
  const by = asText(asFields(typed)?.by)
  if (!DIGEST.test(by)) return refuse('expected {"by": "…"} with the digest of the newer candidate, 64 digits')
  if (by === candidate) return refuse('a candidate does not supersede itself')
  const judged = asJudged(asFields(typed)?.judged)
  return { ok: true, value: { by, ...(judged !== null && { judged }) } }
}

/** sluice itself sends it; by hand anything may come. */
export function readChampionChanged(typed: unknown): Read<ChampionChanged> {
  const fields = asFields(typed)
  const [champion, why] = [asText(fields?.champion), asText(fields?.why)]
  if (DIGEST.test(champion) && why !== '') return { ok: true, value: { champion, why } }
  return refuse('expected {"champion": "…", "why": "…"} with the digest of the live model, 64 digits')
}

/** null: numbers that cannot be compared. */
function asJudged(typed: unknown): Judged | null {
  const fields = asFields(typed)
  const metrics = asFields(fields?.metrics)
  const verdict = (['PASS', 'FAIL', 'INCONCLUSIVE'] as const).find((word) => word === fields?.verdict)
  if (verdict === undefined || metrics === null) return null
  return Object.values(metrics).every((value) => typeof value === 'number') ? { verdict, metrics } : null
}

export function asFields(typed: unknown): Record<string, unknown> | null {
  // a form field may arrive as the text of the object
  const value = typeof typed === 'string' ? parsed(typed) : typed
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function asDecision(typed: unknown): DecideInput['decision'] | null {
  const word = asText(typed).toLowerCase()
  if (['approve', 'approved', 'yes'].includes(word)) return 'approve'
  return ['reject', 'rejected', 'no'].includes(word) ? 'reject' : null
}

/** null: it names this candidate. */
function checkDigest(candidate: string, typed: unknown): string | null {
  const digest = asText(typed)
    .replace(/\s/g, '')
    .toLowerCase()
    .replace(/^sha256:/, '')
  const short = shortDigest(candidate)
  if (digest === '') return `candidateDigest is missing: this candidate is "${short}"`
  if (digest.length < MIN_DIGEST_DIGITS)
    return `candidateDigest: expected at least ${MIN_DIGEST_DIGITS} digits, found ${digest.length}: this candidate is "${short}"`
  if (candidate.startsWith(digest)) return null
  return `candidateDigest: expected this candidate "${short}", found "${digest.slice(0, 20)}": that is another candidate, or a stale approval`
}

export function asText(typed: unknown): string {
  return typeof typed === 'string' ? typed.trim() : ''
}

export function refuse(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}
