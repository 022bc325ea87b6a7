// What the heartbeats of a training carry from attempt to attempt.
import type { TrainerLine, TrainHeartbeat } from '../../schemas/trainer.ts'

/** Counted on, or from one where a checkpoint was kept since the last death. */
export function nextDeaths({ checkpoint, deaths = { count: 0, step: 0 } }: TrainHeartbeat): {
  count: number
  step: number
} {
  const step = checkpoint?.step ?? 0
  return { step, count: step > deaths.step ? 1 : deaths.count + 1 }
}

/** What the next heartbeat says after `line`. */
export function nextHeartbeat(beat: TrainHeartbeat, line: TrainerLine): TrainHeartbeat {
  switch (line.type) {
    case 'checkpoint':
      return { ...beat, checkpoint: line.checkpoint }
    case 'started':
    case 'progress':
    case 'epoch':
      return { ...beat, line }
    default:
      return beat
  }
}
