// The fit of all training rows out of those of the windows, merged along the trees of windows: the order never depends on what is there already.
import { deserialize, serialize } from 'node:v8'
import { type SavedFit, type TransformFit, transformFit } from '../../clean/fit.ts'
import { digestOf } from '../../core/digest.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { rememberStage, type StageInputs, stageRecordOf } from '../../lake/memo.ts'
import { putObject, readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { PartRef } from '../../schemas/dataset.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import type { WindowNode } from './window-tree.ts'

/** Fits by the training parts that they were gathered of. */
export interface FitMemo {
  find(parts: readonly string[]): Promise<SavedFit | null>
  keep(parts: readonly string[], fit: SavedFit): Promise<void>
}

export function fitMemo(store: Store, { plan, code }: { readonly plan: Plan; readonly code: string }): FitMemo {
  const { name: pipeline, columns, features, predict } = plan
  const recipe = digestOf({ columns, features, predict })
  const inputsOf = (parts: readonly string[]): StageInputs => ({
    pipeline,
    stage: 'clean-fit',
    inputs: { parts: digestOf(parts), code, recipe },
  })
  return {
    async find(parts) {
      const record = await stageRecordOf<ObjectRef>(store, inputsOf(parts))
      return record && (deserialize(await readObject(store, record.output)) as SavedFit)
    },
    async keep(parts, fit) {
      const output = await putObject(store, { kind: 'fits', extension: 'bin', bytes: serialize(fit) })
      await rememberStage(store, { ...inputsOf(parts), output })
    },
  }
}

export interface GatherFit {
  readonly plan: Plan
  readonly trees: readonly WindowNode[]
  /** whether a window was cleaned before */
  readonly isKnown: (window: number) => boolean
  /** the training part of a window that is known or was fitted; undefined: it has no training row */
  readonly trainOf: (window: number) => PartRef | undefined
  /** Asked for each window that is not known, in their order. */
  readonly fitOf: (window: number) => Promise<SavedFit | null>
  readonly memo: FitMemo | null
}

/** A group that was fitted before is taken whole; of others the windows are asked for, one after the other. */
export async function gatherFit(store: Store, work: GatherFit): Promise<TransformFit> {
  const { plan, trees, memo } = work
  const partsIn = ({ from, to }: WindowNode): string[] => {
    const parts = Array.from({ length: to - from }, (_, i) => work.trainOf(from + i))
    return parts.flatMap((part) => part?.sha256 ?? [])
  }
  const allKnown = ({ from, to }: WindowNode): boolean => {
    for (let window = from; window < to; window++) if (!work.isKnown(window)) return false
    return true
  }
  const ofWindow = async ({ from: window, isWhole }: WindowNode): Promise<SavedFit | null> => {
    if (!work.isKnown(window)) return await work.fitOf(window)
    const train = work.trainOf(window)
    if (train === undefined) return null
    const kept = isWhole ? await memo?.find([train.sha256]) : null
    if (kept) return kept
    const again = transformFit(plan)
    again.add(await readColumns(store, train))
    const saved = again.save()
    if (isWhole) await memo?.keep([train.sha256], saved)
    return saved
  }
  const of = async (node: WindowNode): Promise<SavedFit | null> => {
    if (node.level === 0) return await ofWindow(node)
    const kept = memo !== null && node.isWhole && allKnown(node) ? await memo.find(partsIn(node)) : null
    if (kept !== null) return kept
    const fit = transformFit(plan)
    for (const child of node.children) {
      const saved = await of(child)
      if (saved !== null) fit.merge(saved)
    }
    const gathered = fit.save()
    if (node.isWhole) await memo?.keep(partsIn(node), gathered)
    return gathered
  }
  const whole = transformFit(plan)
  for (const tree of trees) {
    const saved = await of(tree)
    if (saved !== null) whole.merge(saved)
  }
  return whole
}
