// Tells an error that means "too little memory" from others, and says what would help.
import { failure, isFailure } from '../schemas/failures.ts'
import type { TrainSpec } from '../schemas/plan.ts'

/**
 * What TensorFlow (OOM, RESOURCE_EXHAUSTED), V8 and WebAssembly say, and oneDNN by a number
 * (dnnl_out_of_memory = 1, https://uxlfoundation.github.io/oneDNN/group_dnnl_api_utils.html).
 */
const SIGNS =
  /\bOOM\b|resource.?exhausted|failed to allocate|array buffer allocation failed|invalid (typed )?array (buffer )?length|maximum memory size|memory arrays|out of memory|status: 1, message: could not/i

/** What was under way, and what would make it smaller. */
export interface Need {
  /** e.g. "a training step on 64 rows at once" */
  readonly what: string
  readonly advice: string
}

/** → OUT_OF_MEMORY, or null for any other error; what is a failure of the catalogue already stays one. */
export function outOfMemory(error: unknown, need: Need): Error | null {
  if (isFailure(error)) return null
  const text = error instanceof Error ? error.message : String(error)
  const found = text.split('\n').find((line) => SIGNS.test(line)) // TensorFlow's own status code comes on a line before
  return found === undefined ? null : failure('OUT_OF_MEMORY', { ...need, found: found.trim() }, error)
}

/** Of one step: rows, activations and gradients of what is taken at once. */
export function needOfStep({ batch, accumulate = 1 }: Pick<TrainSpec, 'batch' | 'accumulate'>): Need {
  const rows = Math.ceil(batch / accumulate)
  const parts = `set train.accumulate to ${2 * accumulate} (the same gradient from smaller parts)`
  return {
    what: `a training step on ${counted(rows)} at once`,
    advice:
      rows > 1
        ? `${parts}, or make the batch or the model smaller`
        : 'make the model smaller, or train where there is more memory',
  }
}

/** Of the loss on rows that training does not see: a pass without gradient, which no setting of the batch changes. */
export function needOfPass(rows: number): Need {
  return {
    what: `a pass over ${counted(rows)} of validation at once`,
    advice: 'make the model smaller, or train where there is more memory',
  }
}

/** Of the weights, of what the optimizer keeps beside each, and of copies. */
export const NEED_OF_MODEL: Need = {
  what: 'the model with what the optimizer keeps beside each weight',
  advice: 'make the model or its vocabulary smaller, or train where there is more memory',
}

/** Of the rows of a split as float32 numbers: the one thing of a training that grows with the dataset. */
export function needOfRows({ rows, width }: { readonly rows: number; readonly width: number }): Need {
  const gigabytes = (rows * (width + 1) * Float32Array.BYTES_PER_ELEMENT) / 1e9
  return {
    what: `${counted(rows)} of ${width} numbers each (${gigabytes.toPrecision(3)} GB)`,
    advice:
      'leave features out or rows aside (a smaller train share of the split, a rule), or train where there is more memory',
  }
}

/** Of anything else in the trainer's process. */
export const NEED_OF_JOB: Need = {
  what: "the trainer's job",
  advice: 'make the dataset or the model smaller, or train where there is more memory',
}

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en-US')} rows`
}
