// A training that goes on until the test lets it end.
import type { ModelRef } from '../../schemas/model.ts'
import type { Outcome } from '../../schemas/run.ts'
import { aModel } from './builders.ts'

export function heldTraining({ reused = false, why = 'first run' }: Partial<Outcome<ModelRef>> = {}) {
  const begun = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  return {
    begun: begun.promise,
    release: () => release.resolve(),
    async trainModel(): Promise<Outcome<ModelRef>> {
      begun.resolve()
      await release.promise
      return { value: aModel(), reused, why }
    },
  }
}
