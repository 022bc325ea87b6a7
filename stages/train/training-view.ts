// How far a training is, in words: for the heartbeat's details in the Temporal UI and for the terminal.
import type { TrainSpec } from '../../schemas/plan.ts'
import type { TrainerLine, TrainingView } from '../../schemas/trainer.ts'

/** Steps of this attempt before its pace is trusted with a forecast: the first ones include the start. */
const FORECAST_AFTER_MS = 1_000

/** What computes, as a compiled graph or not, and why. */
export function describeStart({
  backend,
  engine,
  fromStep,
  notes = [],
}: Extract<TrainerLine, { type: 'started' }>): string {
  const how = engine === undefined ? '' : `, ${engine.kind} (${engine.why})`
  return [`trainer: on ${backend.version} (${backend.device})${how}, from step ${fromStep}`, ...notes].join('; ')
}

/** → a function that hears every line; undefined before the first step, and for lines that change nothing. */
export function openTrainingView(
  { epochs, patience }: Pick<TrainSpec, 'epochs' | 'patience'>,
  nowMs: () => number = Date.now,
): (line: TrainerLine) => TrainingView | undefined {
  let first: { readonly step: number; readonly ms: number } | null = null
  let progress: Extract<TrainerLine, { type: 'progress' }> | null = null
  let validation: { readonly last: number; readonly best: number } | null = null
  let notes: readonly string[] = []
  let bestBefore = Number.POSITIVE_INFINITY // of the attempts before this one
  return (line) => {
    if (line.type === 'started') {
      bestBefore = line.best ?? bestBefore
      notes = line.notes ?? []
    }
    if (line.type === 'epoch') {
      const { validationLoss: last } = line
      validation = { last, best: Math.min(last, validation?.best ?? bestBefore) }
    } else if (line.type === 'progress') {
      first ??= { step: line.step, ms: nowMs() }
      progress = line
    } else return undefined
    if (progress === null || first === null) return undefined
    const { step, steps, epoch, loss, gradientNorm, examplesPerSecond } = progress
    const words = [
      `${Math.floor((100 * step) / steps)} %`,
      ...timeLeft({ step, steps, first, nowMs: nowMs(), early: patience !== undefined }),
      `epoch ${epoch}/${epochs}`,
      `step ${counted(step)}/${counted(steps)}`,
      `loss ${loss.toFixed(4)}`,
      ...(gradientNorm === undefined ? [] : [`gradient ${gradientNorm.toPrecision(3)}`]),
      `${counted(Math.round(examplesPerSecond))} examples/s`,
      ...(validation === null ? [] : [`validation ${validation.last.toFixed(4)} (best ${validation.best.toFixed(4)})`]),
      ...notes,
    ] // what matters most comes first: a narrow terminal cuts the end off
    return { step, steps, text: words.join(', ') }
  }
}

/** By the pace of this attempt so far, validation and checkpoints included. With patience the training may end earlier. */
function timeLeft(at: {
  step: number
  steps: number
  first: { readonly step: number; readonly ms: number }
  nowMs: number
  early: boolean
}): string[] {
  const { step, steps, first, nowMs, early } = at
  const tookMs = nowMs - first.ms
  if (tookMs < FORECAST_AFTER_MS || step === first.step) return []
  const leftMs = (tookMs * (steps - step)) / (step - first.step)
  return [`${early ? 'at most' : 'about'} ${inWords(leftMs / 1000)} left`]
}

const counted = (count: number): string => count.toLocaleString('en-US')

function inWords(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
