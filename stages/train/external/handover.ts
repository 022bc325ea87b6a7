// Checkpoints that a trainer of one's own gives away while it goes on: moved aside at once, written one at a time, the newest of those that wait.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExternalLine } from '../../../schemas/external-trainer.ts'
import { failure } from '../../../schemas/failures.ts'
import type { CheckpointRef } from '../../../schemas/model.ts'
import { type Given, isName, type Told } from './checkpoints.ts'

export interface HandoverOptions {
  /** the folder that the program writes checkpoints to; absolute */
  readonly from: string
  /** where they wait; on the same file system, made when it is needed */
  readonly aside: string
  /** the command, for messages */
  readonly trainer: string
  readonly save: (given: Given) => Promise<CheckpointRef>
  readonly onSaved: (ref: CheckpointRef) => void
  /** a save that failed; later ones are not tried */
  readonly onFailure: (error: unknown) => void
}

export interface Handover {
  /**
   * Takes what the line names. One that still waits for its turn is dropped: the newer one stands for more.
   * Throws TRAINER_OUTPUT_INVALID for a step that is no count, and for what is not there.
   */
  take(line: Extract<ExternalLine, { type: 'checkpoint' }>, told: Told): void
  /** Resolves when nothing waits any more; never throws. */
  settled(): Promise<void>
}

export function openHandover(options: HandoverOptions): Handover {
  const { save, onSaved, onFailure } = options
  let waiting: Given | null = null
  let writing: Promise<void> | null = null
  let taken = 0
  const write = async (): Promise<void> => {
    while (waiting !== null) {
      const given = waiting
      waiting = null
      onSaved(await save(given))
      await rm(given.path, { recursive: true, force: true })
    }
    writing = null
  }
  return {
    take(line, told) {
      const path = join(options.aside, String(taken++))
      moveAside(line, path, options)
      if (waiting !== null) rmSync(waiting.path, { recursive: true, force: true })
      waiting = { step: line.step, name: line.name, path, told: { ...told, epochs: [...told.epochs] } }
      writing ??= write().catch(onFailure) // stays set after a failure: nothing more is written
    },
    settled: async () => void (await writing),
  }
}

/** A rename: from then on the program cannot change it, whatever it writes under the same name. */
function moveAside(
  { step, name }: { step: number; name: string },
  path: string,
  { from, aside, trainer }: HandoverOptions,
): void {
  const refuse = (expected: string, found: unknown, cause?: unknown) =>
    failure('TRAINER_OUTPUT_INVALID', { trainer, what: 'a line of type checkpoint', expected, found }, cause)
  if (!Number.isInteger(step) || step < 1 || step >= 1e12) throw refuse('a step from 1 on', step)
  if (!isName(name)) throw refuse('a name of a file or folder in checkpoints.folder', name)
  try {
    mkdirSync(aside, { recursive: true })
    renameSync(join(from, name), path)
  } catch (error) {
    throw refuse(`a file or folder ${join(from, name)}`, String(error), error)
  }
}
