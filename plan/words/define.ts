// definePipeline and its types: columns first, then everything that may be said about them.
import type { MetricsOfTask } from '../../schemas/metrics.ts'
import type { SourceSpec } from '../../schemas/plan.ts'
import type { ColumnWord } from './columns.ts'
import type { EveryWord, FeatureWord, NoneWord, TokensWord, Windows, WordsOfKind } from './features.ts'
import type { ComparableOfTask, GateWord, PredictNumberWord, PredictWord, SplitWord, Task } from './judging.ts'
import type { ApprovalWord, TriggerWord } from './retrain.ts'
import type {
  BetweenCheck,
  CompareCheck,
  LongerCheck,
  MostlyPresentCheck,
  OneOfCheck,
  PresentCheck,
  RuleWord,
  SumCheck,
} from './rules.ts'
import type { TrainWord } from './train.ts'

/** A pipeline as its file says it: plain data that survives JSON. */
export interface PipelineDefinition {
  readonly name: string
  readonly owner: string
  readonly source: SourceSpec
  readonly columns: Readonly<Record<string, ColumnWord>>
  readonly rules?: Readonly<Record<string, RuleWord>>
  readonly features: Readonly<Record<string, FeatureWord | NoneWord>>
  readonly predict: PredictWord | PredictNumberWord
  readonly split: SplitWord
  readonly train: TrainWord
  readonly gates: readonly GateWord[]
  /** chance that a model which misses a gate passes it, shared by all gates; default 0.05 */
  readonly alpha?: number
  readonly approval: ApprovalWord
  readonly retrain?: readonly TriggerWord[]
  /** default: '/' and the name */
  readonly serve?: { readonly path: `/${string}` }
}

type Names<C> = Extract<keyof C, string>
type NamesOfKind<C, Kind> = { [N in Names<C>]: C[N] extends { kind: Kind } ? N : never }[Names<C>]
type ValuesOf<Word> = Word extends { readonly values: readonly (infer V extends string)[] } ? V : string

type CheckOf<C> =
  | PresentCheck<Names<C>>
  | MostlyPresentCheck<Names<C>>
  | BetweenCheck<NamesOfKind<C, 'number'>>
  | LongerCheck<NamesOfKind<C, 'text'>>
  | CompareCheck<NamesOfKind<C, 'number'>>
  | CompareCheck<NamesOfKind<C, 'time'>>
  | SumCheck<NamesOfKind<C, 'number'>>
  | { [N in NamesOfKind<C, 'category'>]: OneOfCheck<N, ValuesOf<C[N]>> }[NamesOfKind<C, 'category'>]

/** The encodings of one column; never: it can only be used elsewhere. */
type FeatureOf<Word> = Word extends { kind: 'category' }
  ? Word extends { values: readonly string[] } | { top: number }
    ? WordsOfKind['category']
    : never
  : Word extends { kind: infer K extends keyof WordsOfKind }
    ? WordsOfKind[K]
    : never

/** Every column but the label: a model that sees its answer learns nothing. Next tokens: the text itself, in windows. */
type FeaturesOf<C, P extends { task: Task; column: string }> = P['task'] extends 'next'
  ? { readonly [N in P['column']]: TokensWord<Windows> }
  : { readonly [N in Exclude<Names<C>, P['column']>]?: FeatureOf<C[N]> | NoneWord } & EveryWord

/**
 * What a spread brings in, such as `...encode.each([…])`, no check of surplus properties looks at: a key that is no column the model may see
 * must be of a type that no word has, so that the compiler names it.
 */
type OnlyColumns<F, Known extends string> = {
  readonly [N in Exclude<keyof F, Known>]: { readonly columnIsNoneOf: Exclude<Known, keyof EveryWord> }
}

/** Columns that can be the label of a task. */
interface LabelsOf<C> {
  probability: NamesOfKind<C, 'flag'>
  category: { [N in Names<C>]: C[N] extends { kind: 'category'; values: readonly string[] } ? N : never }[Names<C>]
  number: NamesOfKind<C, 'number'>
  next: NamesOfKind<C, 'text'>
}

/** Nothing to add where the label fits; else a property that is missing, so that the compiler says of which kind it must be. */
type FittingLabel<P extends { column: string }, Labels extends string> = P['column'] extends Labels
  ? unknown
  : { readonly columnIsNoneOf: Labels }

type SplitOf<C, Label> = SplitWord<Exclude<NamesOfKind<C, 'id' | 'category' | 'text'>, Label>>

interface TypedDefinition<C extends Readonly<Record<string, ColumnWord>>, P extends { task: Task; column: string }, F>
  extends Omit<PipelineDefinition, 'columns' | 'rules' | 'features' | 'predict' | 'split' | 'gates'> {
  readonly columns: C
  readonly rules?: Readonly<Record<string, RuleWord<RuleWord['action'], CheckOf<NoInfer<C>>>>>
  readonly features: F &
    FeaturesOf<NoInfer<C>, NoInfer<P>> &
    OnlyColumns<NoInfer<F>, Names<FeaturesOf<NoInfer<C>, NoInfer<P>>>>
  readonly predict: P & FittingLabel<NoInfer<P>, LabelsOf<NoInfer<C>>[NoInfer<P>['task']]>
  readonly split: SplitOf<NoInfer<C>, NoInfer<P>['column']>
  readonly gates: readonly GateWord<
    MetricsOfTask[NoInfer<P>['task']],
    NamesOfKind<NoInfer<C>, 'category'>,
    ComparableOfTask[NoInfer<P>['task']]
  >[]
}

/**
 * Describes a pipeline. Does nothing but check types: the definition is returned as it is.
 * A misspelt column, an encoding that does not fit a column, a metric that does not fit the task and the label as a
 * feature are compile errors; `resolvePipeline` checks the same, and all numbers, when the pipeline is loaded.
 */
export function definePipeline<
  const C extends Readonly<Record<string, ColumnWord>>,
  const P extends { readonly task: Task; readonly column: string },
  const F,
>(definition: TypedDefinition<C, P, F>): PipelineDefinition {
  return definition as unknown as PipelineDefinition
}
