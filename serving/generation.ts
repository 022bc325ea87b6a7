// A request to generate text → its options, with limits and errors that name the field.

import { kindOf } from '../core/strict-json.ts'
import type { Generation } from '../ml/text/generate.ts'
import { failure } from '../schemas/failures.ts'
import { shown } from '../schemas/shown.ts'
import { shortName } from './limits.ts'

/** Tokens that one request may draw. */
const MAX_TOKENS = 4_096
const DEFAULT_TOKENS = 200
const MAX_PROMPT_BYTES = 65_536
const MAX_STOPS = 8
const MAX_STOP_LENGTH = 200
const SEEDS = 2 ** 32

export interface GenerationRequest extends Generation {
  /** pieces as they are drawn, instead of one answer at the end */
  readonly stream: boolean
}

interface Bounds {
  readonly min: number
  readonly max: number
  /** min itself is not allowed */
  readonly above?: boolean
  readonly integer?: boolean
}

const NUMBERS: Readonly<Record<string, Bounds>> = {
  maxTokens: { min: 1, max: MAX_TOKENS, integer: true },
  temperature: { min: 0, max: 10 },
  topK: { min: 1, max: 1_000_000, integer: true },
  topP: { min: 0, max: 1, above: true },
  repetitionPenalty: { min: 1, max: 10 },
  seed: { min: 0, max: SEEDS - 1, integer: true },
}
const FIELDS = ['prompt', 'stop', 'stream', ...Object.keys(NUMBERS)]

/**
 * `{ prompt, maxTokens, temperature, topK, topP, repetitionPenalty, seed, stop, stream }`, all optional. Without a seed one is drawn by
 * `newSeed`; the answer names it. Throws REQUEST_INVALID.
 */
export function readGeneration(
  body: unknown,
  newSeed = (): number => Math.floor(Math.random() * SEEDS),
): GenerationRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('body', 'a JSON object such as {"prompt": "Call me"}', kindOf(body))
  }
  const fields = body as Readonly<Record<string, unknown>>
  for (const name of Object.keys(fields)) {
    if (!FIELDS.includes(name)) throw invalid(shortName(name), `one of ${FIELDS.join(', ')}`, 'this name')
  }
  const number = (name: string, fallback: number): number => numberOf(name, fields[name] ?? fallback)
  return {
    prompt: promptOf(fields.prompt ?? ''),
    maxTokens: number('maxTokens', DEFAULT_TOKENS),
    temperature: number('temperature', 1),
    topK: fields.topK === undefined || fields.topK === null ? undefined : numberOf('topK', fields.topK),
    topP: number('topP', 1),
    repetitionPenalty: number('repetitionPenalty', 1),
    seed: fields.seed === undefined || fields.seed === null ? newSeed() : numberOf('seed', fields.seed),
    stop: stopsOf(fields.stop ?? []),
    stream: flagOf('stream', fields.stream ?? false),
  }
}

function promptOf(value: unknown): string {
  if (typeof value !== 'string' || !value.isWellFormed()) throw invalid('prompt', 'well-formed text', shown(value))
  const bytes = Buffer.byteLength(value)
  if (bytes > MAX_PROMPT_BYTES) throw invalid('prompt', `at most ${MAX_PROMPT_BYTES} bytes`, `${bytes} bytes`)
  return value
}

function numberOf(name: string, value: unknown): number {
  const { min, max, above = false, integer = false } = NUMBERS[name]!
  const fits =
    typeof value === 'number' &&
    (above ? value > min : value >= min) &&
    value <= max &&
    (!integer || Number.isInteger(value))
  if (fits) return value
  throw invalid(name, `${integer ? 'an integer' : 'a number'} ${above ? '>' : '≥'} ${min} and ≤ ${max}`, shown(value))
}

function stopsOf(value: unknown): readonly string[] {
  const stops: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (stops.length > MAX_STOPS) throw invalid('stop', `at most ${MAX_STOPS} texts`, `${stops.length}`)
  return stops.map((stop, i) => {
    const isText = typeof stop === 'string' && stop.isWellFormed()
    if (isText && stop !== '' && stop.length <= MAX_STOP_LENGTH) return stop
    throw invalid(`stop[${i}]`, `a well-formed text of 1 to ${MAX_STOP_LENGTH} characters`, shown(stop))
  })
}

function flagOf(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(name, 'true or false', shown(value))
}

const invalid = (field: string, expected: string, found: string) =>
  failure('REQUEST_INVALID', { field, expected, found })
