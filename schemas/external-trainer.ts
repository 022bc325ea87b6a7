// The contract with a trainer of one's own: what the program is told, what it may say, and which files of it the plan names.
import { failure } from './failures.ts'
import type { PredictSpec, SplitName, TrainSpec } from './plan.ts'

/** Version of the contract; raised when a program that was right becomes wrong. */
export const TRAINER_CONTRACT = 1

/** Files of one split below the job's folder. */
export interface SplitFiles {
  readonly rows: number
  /** NumPy file, float32 [rows, inputs]: what the fitted transform makes of the rows */
  readonly inputs: string
  /** NumPy file, float32 [rows]: class index, 0 or 1, or value */
  readonly labels: string
  /** NumPy file, float32 [rows]: how much each row counts; of training rows, where the plan says so */
  readonly weights?: string
  /** the cleaned rows themselves, Arrow IPC files in the order of the rows above (of texts that become windows: in another number) */
  readonly parts: readonly string[]
}

/** The one line on the program's stdin. Stdin then stays open for as long as the job is wanted: its end means to stop. */
export interface ExternalJob {
  readonly contract: typeof TRAINER_CONTRACT
  readonly job: 'train'
  readonly pipeline: string
  readonly predict: PredictSpec
  readonly train: TrainSpec
  /** float32 values of a row, and answers per row */
  readonly inputs: number
  readonly outputs: number
  /** what is applied to the network's last layer: softmax, sigmoid or linear */
  readonly head: string
  /** absolute; it is removed when the job ends */
  readonly folder: string
  readonly splits: Readonly<Record<Exclude<SplitName, 'test'>, SplitFiles>>
  /** the weights to be written, in this order */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[]
  /** tensor file with weights drawn from the seed, or the champion's (`train.from`): a start, and an example of the format */
  readonly initial: string
  /** tensor file that the program writes, below the folder */
  readonly output: string
  /** for what a program wants to find again after it was killed */
  readonly checkpoints: {
    /** absolute, below the folder: here it writes them, each under a new name, and then says a line `checkpoint` */
    readonly folder: string
    /** the newest whole one of the attempts before, absolute path of the file or folder; null: begin from the start */
    readonly newest: { readonly step: number; readonly path: string } | null
  }
}

/** What the program may print as lines of JSON; anything else that it prints is log text. Exit code 0 ends the job. */
export type ExternalLine =
  | {
      readonly type: 'progress'
      readonly step: number
      readonly steps: number
      readonly epoch: number
      readonly loss: number
      readonly examplesPerSecond: number
      readonly learningRate?: number
      readonly gradientNorm?: number
    }
  | {
      readonly type: 'epoch'
      /** 1 for the first */
      readonly epoch: number
      readonly trainLoss: number
      readonly validationLoss: number
      readonly best: boolean
    }
  | {
      readonly type: 'checkpoint'
      /** steps done, from 1 on */
      readonly step: number
      /** of a complete file or folder in `checkpoints.folder`; it is moved away, so that it cannot change any more */
      readonly name: string
    }
  | { readonly type: 'error'; readonly message: string }

type Kind = 'number' | 'boolean' | 'string'

/** type of line → its fields; a question mark: may be absent */
const FIELDS: Readonly<Record<ExternalLine['type'], Readonly<Record<string, Kind | `${Kind}?`>>>> = {
  progress: {
    step: 'number',
    steps: 'number',
    epoch: 'number',
    loss: 'number',
    examplesPerSecond: 'number',
    learningRate: 'number?',
    gradientNorm: 'number?',
  },
  epoch: { epoch: 'number', trainLoss: 'number', validationLoss: 'number', best: 'boolean' },
  checkpoint: { step: 'number', name: 'string' },
  error: { message: 'string' },
}

/** null for log text. Throws TRAINER_OUTPUT_INVALID for a line of the contract with a wrong or missing field; others are ignored. */
export function parseExternalLine(text: string, trainer: string): ExternalLine | null {
  const json = objectOf(text)
  const type = json?.type
  if (json === null || typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return null
  for (const [name, kind] of Object.entries(FIELDS[type as ExternalLine['type']])) {
    const value = json[name]
    if (value === undefined && kind.endsWith('?')) continue
    const expected = kind.replace('?', '')
    if (typeof value !== expected) {
      throw failure('TRAINER_OUTPUT_INVALID', {
        trainer,
        what: `field ${name} of a line of type ${type}`,
        expected: `a ${expected}`,
        found: value === undefined ? 'nothing' : value,
      })
    }
  }
  return json as unknown as ExternalLine
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return null // cut off, or log text in braces
  }
}
