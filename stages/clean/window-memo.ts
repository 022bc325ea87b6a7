// Results of windows, found by what decides them: one that was cleaned for an earlier snapshot, or before a kill, is not cleaned again.
import type { CleanTarget } from '../../clean/cleaner.ts'
import type { WindowCounts } from '../../clean/window-counts.ts'
import type { Window } from '../../clean/windows.ts'
import { digestOf } from '../../core/digest.ts'
import { rememberStage, type StageInputs, stageRecordOf } from '../../lake/memo.ts'
import { inParallel } from '../../lake/store/in-parallel.ts'
import type { Store } from '../../lake/store/store.ts'
import type { PartRef } from '../../schemas/dataset.ts'
import { tailStage } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { KeptIds } from './kept-ids.ts'
import type { WindowNode } from './window-tree.ts'

/** A cleaned window in the store. */
export interface KeptWindow {
  /** without targets that got no row */
  readonly parts: Partial<Readonly<Record<CleanTarget, PartRef>>>
  readonly counts: WindowCounts
  /** null: the plan has no id */
  readonly ids: KeptIds | null
}

export interface WindowMemo {
  /** False: nothing is known of the window, and nothing may be kept. */
  isKept(window: number): boolean
  /** What is known of each window; null: nothing. */
  find(trees: readonly WindowNode[]): Promise<(KeptWindow | null)[]>
  keep(window: number, result: KeptWindow): Promise<void>
  /** Keeps the whole groups that were not found as such; `results` of all windows. */
  keepGroups(trees: readonly WindowNode[], results: readonly KeptWindow[]): Promise<void>
  /** The ids of a window of which nothing more is known. */
  findIds(window: number): Promise<KeptIds | null>
  keepIds(window: number, ids: KeptIds): Promise<void>
}

export interface WindowMemoOptions {
  readonly plan: Plan
  readonly windows: readonly Window[]
  /** what the chain says of each window's rows and all that came before them */
  readonly histories: readonly string[]
  /** fingerprint */
  readonly code: string
}

/** Features and the label's scale are no part of it: they change no row. */
export function windowMemo(store: Store, { plan, windows, histories, code }: WindowMemoOptions): WindowMemo {
  const { name: pipeline, columns, rules, predict, split } = plan
  const recipe = digestOf({ columns, rules, predict: predict.column, split })
  const placeOf = (window: number): string => {
    const { partition, start, end } = windows[window]!
    return `${partition}/${start}-${end} ${histories[window]}`
  }
  const inputsOf = (stage: string, rows: string): StageInputs => ({ pipeline, stage, inputs: { rows, code, recipe } })
  const ofWindow = (window: number): StageInputs =>
    inputsOf(windows[window]!.isWhole ? 'clean-window' : tailStage('window'), digestOf(placeOf(window)))
  const ofIds = (window: number): StageInputs =>
    inputsOf(windows[window]!.isWhole ? 'clean-ids' : tailStage('ids'), digestOf(placeOf(window)))
  const ofGroup = ({ from, to }: WindowNode): StageInputs =>
    inputsOf('clean-windows', digestOf(Array.from({ length: to - from }, (_, i) => placeOf(from + i))))
  const isKept = (window: number): boolean => !windows[window]!.isSmall
  const found = new Set<WindowNode>()

  /** One request for a whole group; for what it does not answer, its children are asked for. */
  const look = async (node: WindowNode): Promise<readonly KeptWindow[] | null> => {
    if (node.level === 0) {
      if (!isKept(node.from)) return null
      const record = await stageRecordOf<KeptWindow>(store, ofWindow(node.from))
      return record && [record.output]
    }
    if (!node.isWhole) return null
    const record = await stageRecordOf<readonly KeptWindow[]>(store, ofGroup(node))
    if (record !== null) found.add(node)
    return record?.output ?? null
  }
  return {
    isKept,
    async find(trees) {
      const results: (KeptWindow | null)[] = windows.map(() => null)
      for (let nodes = trees; nodes.length > 0; ) {
        const answers = await inParallel(nodes, look)
        for (const [i, answer] of answers.entries())
          for (const [at, result] of (answer ?? []).entries()) results[nodes[i]!.from + at] = result
        nodes = nodes.flatMap(({ children }, i) => (answers[i] === null ? children : []))
      }
      return results
    },
    keep: (window, output) => rememberStage(store, { ...ofWindow(window), output }),
    async keepGroups(trees, results) {
      await inParallel(wholeGroupsIn(trees, found), (node) =>
        rememberStage(store, { ...ofGroup(node), output: results.slice(node.from, node.to) }),
      )
    },
    findIds: async (window) => (await stageRecordOf<KeptIds>(store, ofIds(window)))?.output ?? null,
    keepIds: (window, output) => rememberStage(store, { ...ofIds(window), output }),
  }
}

/** The largest whole groups, and those within them, since a partition that grows asks for both; what was found is there already. */
function wholeGroupsIn(nodes: readonly WindowNode[], found: ReadonlySet<WindowNode>): WindowNode[] {
  const missing = nodes.filter((node) => node.level > 0 && !found.has(node))
  return missing.flatMap((node) => [...(node.isWhole ? [node] : []), ...wholeGroupsIn(node.children, found)])
}
