// What the terminal says of a run that goes on.
import type { StageName, StageReport } from '../../schemas/run.ts'
import type { TrainHeartbeat } from '../../schemas/trainer.ts'
import { formatCount, formatMs } from './output.ts'
import type { ProgressUpdate } from './progress.ts'

/** The bar of a training, the same words as in the heartbeat's details in the UI; null before it says how far it is. */
export function describeTraining(label: string, beat: TrainHeartbeat | null): ProgressUpdate | null {
  const { view, line } = beat ?? {}
  if (view !== undefined) return { label, value: view.step, total: view.steps, detail: view.text }
  if (line?.type !== 'started') return null
  const { backend, engine } = line
  const how = engine === undefined ? '' : `, ${engine.kind}`
  return { label, detail: `starts on ${backend.version} (${backend.device})${how}` }
}

const VERBS: Partial<Record<StageName, string>> = { promote: 'asked' }

/** "  clean      1.9 s   24,000 rows   first run" */
export function describeStage({ stage, reused, why, ms, rows }: StageReport): string {
  const counted = rows === undefined ? '' : `${formatCount(rows)} rows`
  const outcome = reused ? 'reused' : (VERBS[stage] ?? 'done')
  return `  ${stage.padEnd(9)} ${outcome.padEnd(6)} ${formatMs(ms).padStart(8)}  ${counted.padStart(12)}  ${why}`.trimEnd()
}
