// One job of the trainer process under Temporal: heartbeats that carry the newest checkpoint, the start, cancellation.
import { activityInfo, Context, cancellationSignal, heartbeat, log } from '@temporalio/activity'
import { failure, isFailure } from '../schemas/failures.ts'
import type { TrainerJob, TrainerLine, TrainHeartbeat } from '../schemas/trainer.ts'
import { nextDeaths, nextHeartbeat } from '../stages/train/heartbeat.ts'
import { describeStart, openTrainingView } from '../stages/train/training-view.ts'
import { beating } from './beating.ts'
import type { Deps } from './deps.ts'

type Started = Extract<TrainerLine, { type: 'started' }>

/** Where the attempt before stood; empty for the first. */
export function lastHeartbeat(): TrainHeartbeat {
  return (activityInfo().heartbeatDetails as TrainHeartbeat | undefined) ?? {}
}

/**
 * Runs the job to its end. Throws its failure, the cancellation, or TRAINER_DIED with the number of `deaths` that got no further: the
 * number of attempts would count workers that stopped, too.
 */
export async function runJob({ runTrainer }: Pick<Deps, 'runTrainer'>, job: TrainerJob): Promise<TrainerLine> {
  let beat = job.job === 'train' ? { ...lastHeartbeat(), start: job.start?.digest ?? null } : lastHeartbeat()
  const signal = cancellationSignal()
  const viewOf = openTrainingView(job.plan.train)
  const onLine = (line: TrainerLine): void => {
    const view = viewOf(line)
    if (line.type === 'started') logStart(job.job, line)
    beat = { ...nextHeartbeat(beat, line), ...(view && { view }) }
    heartbeat(beat)
  }
  try {
    // a silent trainer (a long step, a slow start) is no dead worker
    return await beating(
      () => runTrainer(job, { signal, onLine }),
      () => beat,
    )
  } catch (error) {
    if (signal.aborted) await Context.current().cancelled // rejects with what Temporal expects of a cancelled activity
    if (!isFailure(error, 'TRAINER_DIED')) throw error
    const deaths = nextDeaths(beat)
    heartbeat({ ...beat, deaths }) // goes out with the failure, and the next attempt counts on
    throw failure('TRAINER_DIED', { ...error.facts, deaths: deaths.count }, error)
  }
}

/** Heartbeats soon tell of progress instead. A warning where training could have had a graph, or its labels are odd: nobody would learn of it. */
function logStart(job: TrainerJob['job'], line: Started): void {
  const slow = job === 'train' && line.backend.name === 'tensorflow' && line.engine?.kind === 'eager'
  log[slow || line.notes !== undefined ? 'warn' : 'info'](describeStart(line))
}
