// One job of the trainer process under Temporal: heartbeats that carry the newest checkpoint, cancellation, resume.
import { activityInfo, Context, cancellationSignal, heartbeat } from '@temporalio/activity'
import type { TrainerJob, TrainerLine, TrainHeartbeat } from '../schemas/trainer.ts'
import type { Deps } from './deps.ts'

/** A silent trainer (a long step, a slow start) is no dead worker. */
const BEAT_EVERY_MS = 2_000

/** Where the attempt before stood; empty for the first. */
export function lastHeartbeat(): TrainHeartbeat {
  return (activityInfo().heartbeatDetails as TrainHeartbeat | undefined) ?? {}
}

/** Runs the job to its end. Throws its failure, TRAINER_DIED, or the cancellation. */
export async function runJob({ runTrainer }: Pick<Deps, 'runTrainer'>, job: TrainerJob): Promise<TrainerLine> {
  let beat = lastHeartbeat()
  const timer = setInterval(() => heartbeat(beat), BEAT_EVERY_MS)
  const signal = cancellationSignal()
  try {
    return await runTrainer(job, {
      signal,
      onLine(line) {
        beat = nextHeartbeat(beat, line)
        heartbeat(beat)
      },
    })
  } catch (error) {
    if (signal.aborted) await Context.current().cancelled // rejects with what Temporal expects of a cancelled activity
    throw error
  } finally {
    clearInterval(timer)
  }
}

/** What the next heartbeat says after `line`. Pure. */
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
