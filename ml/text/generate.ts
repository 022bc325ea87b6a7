// Goes on writing a text, token by token.
import { FIRST_ID, PADDING_ID, tokensOf, tokenWriter } from '../../core/tokens.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import { idEncoder } from '../features/token-feature.ts'
import { contextOf } from '../features/windows.ts'
import { requireFinite } from '../model/finite-answers.ts'
import { type Sampling, tokenSampler } from './sampling.ts'
import { stopWatch } from './stop-strings.ts'
import type { TextModel } from './text-model.ts'

export interface Generation extends Sampling {
  /** what the text begins with; the answer holds only what follows. Empty: the model begins a document. */
  readonly prompt: string
  /** at most so many tokens */
  readonly maxTokens: number
  /** ends before the first of these */
  readonly stop: readonly string[]
}

export interface GenerationEnd {
  /** tokens that were drawn */
  readonly tokens: number
  readonly finish: 'length' | 'stop'
}

/**
 * Yields the text in pieces, at most one a token; joined they are the whole. The same model, options and seed give the same text.
 * Each step computes on the caller's thread: let other work run between them. Frees what it holds when it ends or is returned from.
 * Throws ANSWER_NOT_FINITE for scores among which nothing can be drawn.
 */
export function* generate(
  model: Pick<TextModel, 'reader'>,
  feature: FittedTokens,
  options: Generation,
): Generator<string, GenerationEnd, undefined> {
  const { prompt, maxTokens, stop } = options
  const sample = tokenSampler(options, FIRST_ID)
  const write = tokenWriter(feature.unit)
  tokensOf(feature.unit, prompt).forEach(write) // so that the next token knows what stands before it
  const ids = [PADDING_ID, ...idEncoder(feature)(prompt)].slice(-contextOf(feature))
  const seen = new Set(ids)
  const reader = model.reader()
  try {
    let scores = ids.map((id) => reader.read(id)).at(-1)!
    const watch = stopWatch(stop)
    for (let tokens = 1; tokens <= maxTokens; tokens++) {
      requireFinite(scores, scores.length, () => `token ${tokens}`)
      const id = sample(scores, seen)
      seen.add(id)
      const { text, stopped } = watch.add(write(feature.vocabulary[id - FIRST_ID]!))
      if (text !== '') yield text
      if (stopped) return { tokens, finish: 'stop' }
      if (tokens < maxTokens) scores = reader.read(id)
    }
    const rest = watch.rest()
    if (rest !== '') yield rest
    return { tokens: maxTokens, finish: 'length' }
  } finally {
    reader.dispose()
  }
}
