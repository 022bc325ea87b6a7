// A pipeline as data: everything that a workflow sees. Lists, not maps, where order means something.
import type { ColumnSpec } from './columns.ts'

export interface SourceSpec {
  readonly topic: string
  readonly format: 'json' | 'avro' | 'protobuf'
  /**
   * The schema's text, .avsc or .proto. Without a registry it is the one that the records are written with;
   * with a registry (Avro only) it is the reader's schema, to which each writer's schema is resolved.
   */
  readonly schema?: string
  /** Protobuf: full name of the message; absent: the only one of the schema */
  readonly message?: string
  /** records begin with a zero byte and the id of a schema of the registry (Confluent's wire format) */
  readonly registry?: true
}

/** A fact that a row must satisfy. A missing value fails every check but is judged by `present` alone where `mostly` is set. */
export type CheckSpec =
  /** `mostly`: the share of rows, in (0, 1], that must satisfy it; only `fail` rules may set it */
  | { readonly check: 'present'; readonly column: string; readonly mostly?: number }
  /** low ≤ value ≤ high */
  | { readonly check: 'between'; readonly column: string; readonly low: number; readonly high: number }
  | { readonly check: 'oneOf'; readonly column: string; readonly values: readonly string[] }
  /** more than `bytes` bytes of UTF-8 */
  | { readonly check: 'longer'; readonly column: string; readonly bytes: number }

/** warn: count. drop: leave out. quarantine: leave out and keep with reasons. fail: stop the run. */
export type RuleAction = 'warn' | 'drop' | 'quarantine' | 'fail'

export interface RuleSpec {
  readonly name: string
  readonly action: RuleAction
  readonly unless: CheckSpec
}

export type FeatureSpec =
  | { readonly column: string; readonly encode: 'oneHot' }
  /** (x − mean) / standard deviation, fitted on training rows; `log`: log1p first; `clip`: quantiles [low, high] */
  | {
      readonly column: string
      readonly encode: 'standardize'
      readonly log: boolean
      readonly clip?: readonly [number, number]
    }
  /** (x − low) / (high − low) into [0, 1]: bounds declared by the column, else fitted on training rows */
  | { readonly column: string; readonly encode: 'scale'; readonly clip?: readonly [number, number] }
  /** a flag as 0 or 1 */
  | { readonly column: string; readonly encode: 'indicator' }

export type PredictSpec =
  /** binary: the flag is true with this probability */
  | { readonly task: 'probability'; readonly column: string }
  /** one of the declared values of a category */
  | { readonly task: 'category'; readonly column: string; readonly classes: readonly string[] }
  /** a real number */
  | { readonly task: 'number'; readonly column: string }

/** A row's split is decided by a stable hash of this column alone, so it never moves between runs. */
export interface SplitSpec {
  readonly by: 'hash'
  readonly column: string
  /** shares, each in (0, 1), sum 1 */
  readonly train: number
  readonly validate: number
  readonly test: number
}

export type SplitName = 'train' | 'validate' | 'test'
export const SPLITS = ['train', 'validate', 'test'] as const satisfies readonly SplitName[]

export interface MlpSpec {
  readonly kind: 'mlp'
  /** units of each hidden layer, first to last */
  readonly hidden: readonly number[]
  readonly activation: 'relu' | 'tanh'
  /** share of hidden units left out per step, in [0, 1) */
  readonly dropout: number
}

export type ModelSpec = MlpSpec

export interface AdamSpec {
  readonly kind: 'adam'
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export type OptimizerSpec = AdamSpec

export interface TrainSpec {
  readonly model: ModelSpec
  readonly optimizer: OptimizerSpec
  /** rows per step */
  readonly batch: number
  readonly epochs: number
  /** stop after this many epochs without a better validation loss; absent: run all epochs. The best weights are kept either way. */
  readonly patience?: number
  readonly seed: number
  /** steps between checkpoints */
  readonly checkpointEvery: number
  /** gpu: refuse to train on less */
  readonly device: 'any' | 'cpu' | 'gpu'
}

export type ClassificationMetric =
  | 'accuracy'
  | 'loss'
  | 'auc'
  | 'macroF1'
  | 'precision'
  | 'recall'
  | 'f1'
  | 'calibrationError'
export type RegressionMetric = 'loss' | 'rmse' | 'mae' | 'r2'
export type MetricName = ClassificationMetric | RegressionMetric

export type GateSpec =
  | {
      readonly gate: 'atLeast' | 'atMost'
      readonly metric: MetricName
      readonly value: number
      readonly within?: string
      readonly minRows?: number
    }
  /** than the champion on the same rows: worse by less than `by` (in units of the metric) */
  | {
      readonly gate: 'notWorse'
      readonly metric: MetricName
      readonly by: number
      readonly within?: string
      readonly minRows?: number
    }

export interface ApprovalSpec {
  /** who is asked, as the approver reads it */
  readonly ask: string
  readonly remindMs: number
  readonly expireMs: number
}

export type TriggerSpec =
  /** 5-field cron expression in an IANA time zone */
  | { readonly when: 'cron'; readonly expression: string; readonly timezone: string }
  /** this many records wait in the topic beyond the last snapshot */
  | { readonly when: 'rows'; readonly rows: number }

export interface Plan {
  readonly name: string
  readonly owner: string
  readonly source: SourceSpec
  readonly columns: readonly ColumnSpec[]
  readonly rules: readonly RuleSpec[]
  readonly features: readonly FeatureSpec[]
  readonly predict: PredictSpec
  readonly split: SplitSpec
  readonly train: TrainSpec
  readonly gates: readonly GateSpec[]
  /** probability that a gate may pass by chance, shared by all gates of the pipeline */
  readonly alpha: number
  readonly approval: ApprovalSpec
  readonly retrain: readonly TriggerSpec[]
  readonly serve: { readonly path: string }
  /** sha256 of the canonical JSON of everything above */
  readonly fingerprint: string
}

/** Lower is better for these, higher for the rest. */
export const LOWER_IS_BETTER: ReadonlySet<MetricName> = new Set(['loss', 'rmse', 'mae', 'calibrationError'])
