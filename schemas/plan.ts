// A pipeline as data: everything that a workflow sees. Lists, not maps, where order means something.
import type { ColumnSpec } from './columns.ts'
import type { ModelSpec } from './networks.ts'

export type { ModelSpec } from './networks.ts'

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
  | TokensSpec

/** A text as token ids: of the `vocabulary` most frequent words, or of the `alphabet` most frequent characters, of training rows. */
export type TokensSpec = { readonly column: string } & (
  | { readonly encode: 'words'; readonly vocabulary: number }
  | { readonly encode: 'characters'; readonly alphabet: number }
) &
  /** length: the first so many tokens of a text. context: windows of so many tokens over the whole text, for next-token training */
  ({ readonly length: number; readonly context?: never } | { readonly context: number; readonly length?: never })

export type PredictSpec =
  /** binary: the flag is true with this probability */
  | { readonly task: 'probability'; readonly column: string }
  /** one of the declared values of a category */
  | { readonly task: 'category'; readonly column: string; readonly classes: readonly string[] }
  /** a real number */
  | { readonly task: 'number'; readonly column: string }
  /** each token of the text from those before it */
  | { readonly task: 'next'; readonly column: string }

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

/** What all optimizers share: the step size over time, and bounds of the gradient. */
interface RateSpec {
  /** step size after the warm-up and before any decay */
  readonly rate: number
  /** steps in which the rate rises linearly to `rate` */
  readonly warmup?: number
  /** how the rate falls afterwards; absent: not at all */
  readonly decay?: DecaySpec
  /** the gradient of all weights together is scaled down to this Euclidean norm */
  readonly clipNorm?: number
  /** each value of the gradient is cut to [−clipValue, clipValue]; before clipNorm */
  readonly clipValue?: number
}

export type DecaySpec =
  /** half a cosine from `rate` down to `to`, reached at the last planned step (Loshchilov & Hutter 2017, without restarts) */
  | { readonly kind: 'cosine'; readonly to: number }
  /** times `factor` after every `steps` steps */
  | { readonly kind: 'step'; readonly steps: number; readonly factor: number }
  /** times `factor` after `patience` epochs in a row without a better validation loss */
  | { readonly kind: 'plateau'; readonly patience: number; readonly factor: number }

export interface SgdSpec extends RateSpec {
  readonly kind: 'sgd'
  /** in [0, 1) */
  readonly momentum: number
  readonly nesterov: boolean
}

export interface RmspropSpec extends RateSpec {
  readonly kind: 'rmsprop'
  /** share that the mean of squares keeps per step, in [0, 1) */
  readonly rho: number
  readonly momentum: number
  readonly epsilon: number
}

export interface AdamSpec extends RateSpec {
  readonly kind: 'adam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export interface AdamWSpec extends RateSpec {
  readonly kind: 'adamW'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** share of a kernel that is taken off per step, times the rate; biases and norms are left alone */
  readonly weightDecay: number
}

export type OptimizerSpec = SgdSpec | RmspropSpec | AdamSpec | AdamWSpec

/** What training makes small; absent in a plan: crossEntropy for a category or a probability, squared for a number. */
export type LossSpec =
  | {
      readonly kind: 'crossEntropy'
      /** share of the truth that is spread evenly over all classes, in [0, 1) (Szegedy et al. 2016, section 7) */
      readonly smoothing?: number
      /** how much each class counts: in class order (false, true for a probability), or by rows / (classes × rows of the class) */
      readonly classWeights?: readonly number[] | 'balanced'
    }
  /** cross-entropy × (1 − p of the truth)^gamma (Lin et al. 2017) */
  | { readonly kind: 'focal'; readonly gamma: number; readonly classWeights?: readonly number[] | 'balanced' }
  | { readonly kind: 'squared' }
  | { readonly kind: 'absolute' }
  /** squared up to `delta`, absolute beyond (Huber 1964) */
  | { readonly kind: 'huber'; readonly delta: number }

export interface TrainSpec {
  readonly model: ModelSpec
  readonly optimizer: OptimizerSpec
  readonly loss?: LossSpec
  /** column of numbers that say how much each row counts in the loss */
  readonly weight?: string
  /** parts that a batch is cut into, one after the other: less memory, the same gradient */
  readonly accumulate?: number
  /** decay of a moving average of the weights, which is then judged and kept instead of them */
  readonly averageWeights?: number
  /** a step whose gradient, before any clipping, has a larger Euclidean norm over all weights together ends the training */
  readonly gradientLimit?: number
  /** rows per step */
  readonly batch: number
  readonly epochs: number
  /** stop after this many epochs without a better validation loss; absent: run all epochs. The best weights are kept either way. */
  readonly patience?: number
  /** ends training early, with the best weights so far; minutes make the result depend on the machine's speed */
  readonly budget?: { readonly steps?: number; readonly minutes?: number }
  /** champion: begins with the weights of the model that is live, if there is one */
  readonly from?: 'champion'
  readonly seed: number
  /** steps between checkpoints */
  readonly checkpointEvery: number
  /** gpu: refuse to train on less */
  readonly device: 'any' | 'cpu' | 'gpu'
  /** a program that trains instead of sluice */
  readonly trainer?: TrainerSpec
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
export type LanguageMetric =
  /** nats per token */
  'loss' | 'perplexity' | 'bitsPerCharacter'
export type MetricName = ClassificationMetric | RegressionMetric | LanguageMetric

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
export const LOWER_IS_BETTER: ReadonlySet<MetricName> = new Set([
  'loss',
  'rmse',
  'mae',
  'calibrationError',
  'perplexity',
  'bitsPerCharacter',
])

/** A program that trains instead of sluice. */
export interface TrainerSpec {
  /** program and arguments; those that begin with ./ or ../ are files beside the pipeline file */
  readonly command: readonly string[]
  /** of the pipeline file, relative to the project: the program's working directory */
  readonly folder: string
  /** files that decide the result; a change of one makes another plan and another training */
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
}
