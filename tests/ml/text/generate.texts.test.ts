// Generated text: what is fed to the model, what is written, and when it ends.
import { describe, expect, it } from 'vitest'
import { type Generation, type GenerationEnd, generate } from '../../../ml/text/generate.ts'
import type { FittedTokens } from '../../../schemas/dataset.ts'

const WORDS: FittedTokens = {
  column: 'body',
  encode: 'tokens',
  unit: 'words',
  vocabulary: ['call', 'me', '.', 'ishmael', '\n'],
  width: 5,
  context: 4,
}
const OPTIONS: Generation = {
  prompt: '',
  maxTokens: 6,
  temperature: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 1,
  stop: [],
}

/** Always scores id + 1 highest (2 after the last); records what it read. */
function counting(ids: number) {
  const read: number[] = []
  const state = { read, disposed: 0 }
  const reader = () => ({
    read(id: number) {
      read.push(id)
      const next = id + 1 < 2 || id + 1 >= ids ? 2 : id + 1
      return Float32Array.from({ length: ids }, (_, i) => (i === 0 ? 99 : i === next ? 5 : 0))
    },
    dispose() {
      state.disposed += 1
    },
  })
  return { state, model: { reader } }
}

function run(model: Parameters<typeof generate>[0], feature: FittedTokens, options: Partial<Generation>) {
  const pieces: string[] = []
  const generation = generate(model, feature, { ...OPTIONS, ...options })
  let next = generation.next()
  for (; next.done !== true; next = generation.next()) pieces.push(next.value)
  return { text: pieces.join(''), pieces, end: next.value as GenerationEnd }
}

describe('generation', () => {
  it('begins a document without a prompt', () => {
    const { model, state } = counting(7)
    const { text, end } = run(model, WORDS, {})
    expect(text).toBe('call me. ishmael\ncall')
    expect(end).toEqual({ tokens: 6, finish: 'length' })
    expect(state).toEqual({ read: [0, 2, 3, 4, 5, 6], disposed: 1 })
  })
  it('goes on with the spacing of the prompt', () => {
    const { model, state } = counting(7)
    expect(run(model, WORDS, { prompt: 'Call', maxTokens: 2 }).text).toBe(' me.')
    expect(state.read).toEqual([0, 2, 3])
    expect(run(counting(7).model, WORDS, { prompt: 'Call me', maxTokens: 1 }).text).toBe('.')
  })
  it('reads the end of a long prompt', () => {
    const { model, state } = counting(7)
    run(model, WORDS, { prompt: 'x call me . ishmael', maxTokens: 1 })
    expect(state.read).toEqual([2, 3, 4, 5])
  })
  it('ends before a stop string', () => {
    const { model, state } = counting(7)
    const { text, end } = run(model, WORDS, { stop: ['. ish', 'never'], maxTokens: 50 })
    expect(text).toBe('call me')
    expect(end).toEqual({ tokens: 4, finish: 'stop' })
    expect(state.disposed).toBe(1)
  })
  it('writes what it held back at the end', () => {
    expect(run(counting(7).model, WORDS, { stop: ['me. x'], maxTokens: 3 }).text).toBe('call me.')
  })
  it('never writes padding or unknown', () => {
    const even = { reader: () => ({ read: () => new Float32Array(7), dispose() {} }) }
    const { text, end } = run(even, WORDS, { temperature: 1, maxTokens: 500 })
    expect(end.tokens).toBe(500)
    expect(new Set(text.match(/\w+|\.|\n/g))).toEqual(new Set(WORDS.vocabulary))
  })
  it('penalises what it wrote itself', () => {
    const falling = Float32Array.of(99, 99, 5, 4.9, 4.8, 4.7, 4.6) // in the order of the vocabulary
    const model = { reader: () => ({ read: () => falling, dispose() {} }) }
    expect(run(model, WORDS, { repetitionPenalty: 2, maxTokens: 5 }).text).toBe('call me. ishmael\n')
    expect(run(model, WORDS, { maxTokens: 5 }).text).toBe('call call call call call')
  })
  it('frees the reader when nobody listens', () => {
    const { model, state } = counting(7)
    const generation = generate(model, WORDS, { ...OPTIONS, maxTokens: 99 })
    generation.next()
    generation.return({ tokens: 0, finish: 'length' })
    expect(state.disposed).toBe(1)
  })
  it('is the same for the same seed', () => {
    const even = { reader: () => ({ read: () => new Float32Array(7), dispose() {} }) }
    const text = (seed: number) => run(even, WORDS, { temperature: 1, maxTokens: 40, seed }).text
    expect(text(4)).toBe(text(4))
    expect(text(4)).not.toBe(text(5))
  })
  it('penalises what the prompt held', () => {
    const scores = Float32Array.of(0, 0, 3, 2.9, 0, 0, 0)
    const model = { reader: () => ({ read: () => scores, dispose() {} }) }
    expect(run(model, WORDS, { prompt: 'call', maxTokens: 1 }).text).toBe(' call')
    expect(run(model, WORDS, { prompt: 'call', maxTokens: 1, repetitionPenalty: 1.2 }).text).toBe(' me')
  })
})
