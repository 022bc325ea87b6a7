// Tells an error that means "too little memory" from others.
import { failure } from '../schemas/failures.ts'
import type { TrainSpec } from '../schemas/plan.ts'

/** What TensorFlow (OOM, RESOURCE_EXHAUSTED), V8 and WebAssembly say. */
const SIGNS = /\bOOM\b|resource.?exhausted|failed to allocate|array buffer allocation failed|out of memory/i

/** → OUT_OF_MEMORY with what would help, or null for any other error. */
export function outOfMemory(
  error: unknown,
  { batch, accumulate = 1 }: Pick<TrainSpec, 'batch' | 'accumulate'>,
): Error | null {
  const text = error instanceof Error ? error.message : String(error)
  if (!SIGNS.test(text)) return null
  const found = text.trim().split('\n', 1)[0]!
  return failure('OUT_OF_MEMORY', { found, rows: Math.ceil(batch / accumulate), accumulate: 2 * accumulate }, error)
}
