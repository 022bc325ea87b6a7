// Triggers that arrive while a run goes on: however many they are, they start one successor.
import { defineSignal, setHandler } from '@temporalio/workflow'
import type { Plan } from '../schemas/plan.ts'
import { RETRAIN_TRIGGER_SIGNAL, type RetrainInput } from '../schemas/run.ts'

export interface Triggers {
  /** Forgets what a look at the topic right now answers: every trigger that asks for this very plan. */
  covered(): void
  /** the newest trigger that is still to be answered */
  latest(): RetrainInput | undefined
}

/** Listens from here on; signals that came before are delivered at once. */
export function collectTriggers(plan: Plan): Triggers {
  let waiting: RetrainInput[] = []
  setHandler(
    defineSignal<[RetrainInput]>(RETRAIN_TRIGGER_SIGNAL),
    (trigger) => {
      waiting.push(trigger)
    },
    { description: 'Asks for another run after this one; many count as one' },
  )
  return {
    covered() {
      waiting = waiting.filter((trigger) => trigger.plan.fingerprint !== plan.fingerprint)
    },
    latest: () => waiting.at(-1),
  }
}
