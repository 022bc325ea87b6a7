// A stage whose result is kept: the same inputs are never worked on twice.
import { digestOf } from '../core/digest.ts'
import { recallStage, rememberStage } from '../lake/memo.ts'
import type { Store } from '../lake/store/store.ts'
import type { CodeParts } from '../schemas/code.ts'
import type { Outcome } from '../schemas/run.ts'

export interface Stage {
  readonly pipeline: string
  readonly stage: 'clean' | 'train' | 'evaluate'
  /** name → digest of everything that decides the result, but for the recipe */
  readonly inputs: Readonly<Record<string, string>>
  /** the part of the plan that decides it, as data: a later miss says which word of it changed */
  readonly recipe: unknown
  /** of the fingerprint among the inputs: a later miss says which file of it changed */
  readonly codeParts?: CodeParts | undefined
}

/** Recalls the stage's result, or works and remembers. `work` gets the digest of the inputs. */
export async function memoised<T>(
  store: Store,
  { inputs, ...rest }: Stage,
  work: (inputs: string) => Promise<T>,
): Promise<Outcome<T>> {
  const stage = { ...rest, inputs: { ...inputs, recipe: digestOf(rest.recipe) } }
  const recalled = await recallStage<T>(store, stage)
  if (!('digest' in recalled)) return { value: recalled.hit, reused: true, why: recalled.why }
  const value = await work(recalled.digest)
  await rememberStage(store, { ...stage, output: value, at: new Date().toISOString() })
  return { value, reused: false, why: recalled.why }
}
