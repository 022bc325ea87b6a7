// A stage whose result is kept: the same inputs are never worked on twice.
import { recallStage, rememberStage } from '../lake/memo.ts'
import type { Store } from '../lake/store/store.ts'
import type { Outcome } from '../schemas/run.ts'

export interface Stage {
  readonly pipeline: string
  readonly stage: 'clean' | 'train' | 'evaluate'
  /** name → digest of everything that decides the result */
  readonly inputs: Readonly<Record<string, string>>
}

/** Recalls the stage's result, or works and remembers. `work` gets the digest of the inputs. */
export async function memoised<T>(
  store: Store,
  stage: Stage,
  work: (inputs: string) => Promise<T>,
): Promise<Outcome<T>> {
  const recalled = await recallStage<T>(store, stage)
  if (!('digest' in recalled)) return { value: recalled.hit, reused: true, why: recalled.why }
  const value = await work(recalled.digest)
  await rememberStage(store, { ...stage, output: value })
  return { value, reused: false, why: recalled.why }
}
