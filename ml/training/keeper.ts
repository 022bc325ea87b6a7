// Keeps checkpoints of a training: the state that the engine holds, found sound, with the position that it belongs to.
import type { CheckpointRef } from '../../schemas/model.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import type { Advise } from './advice.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Engine } from './engine/engine.ts'
import type { StepFacts } from './pending-steps.ts'
import { requireSoundWeights } from './sound-weights.ts'

export interface KeeperOptions {
  readonly engine: Pick<Engine, 'read'>
  /** see backendId */
  readonly backend: string
  readonly train: Pick<TrainSpec, 'budget'>
  /** stores a checkpoint; its answer names it in failures */
  readonly save: (checkpoint: Checkpoint) => Promise<CheckpointRef>
  /** spent training, in this and earlier attempts */
  readonly elapsedMs: () => number
  readonly describeRows?: (rows: Int32Array) => string
  /** for failures */
  readonly advise?: Advise
}

/** What a checkpoint holds beside the engine's state. */
export type Position = Pick<Checkpoint, 'step' | 'epochLoss' | 'epochs' | 'best'>

export interface Keeper {
  /** Stores the state as it is now. `by`: the newest step that was looked at. Throws WEIGHTS_NOT_FINITE, which blames it. */
  keep(position: Position, by: StepFacts | null): Promise<void>
  /** true: the newest checkpoint is of this step */
  holds(step: number): boolean
  /** of the newest checkpoint of this attempt; "none" before the first */
  lastKey(): string
}

export function openKeeper({ engine, backend, train, save, elapsedMs, ...words }: KeeperOptions): Keeper {
  let last: CheckpointRef | null = null
  const lastKey = (): string => last?.key ?? 'none'
  return {
    async keep(position, by) {
      const state = await engine.read()
      if (by !== null) requireSoundWeights(state, { by, checkpoint: lastKey(), ...words })
      // only where it decides something: otherwise equal trainings keep equal checkpoints
      const spent = train.budget?.minutes === undefined ? {} : { elapsedMs: elapsedMs() }
      last = await save({ backend, ...position, ...state, ...spent })
    },
    holds: (step) => last?.step === step,
    lastKey,
  }
}
