// Cleaned data: parts per split, the fitted transform, and where every row went.
import type { Coverage, SourceRef } from './manifest.ts'
import type { SplitName } from './plan.ts'
import { type ObjectRef, objectRefShape } from './segment.ts'
import { byName, number, type Of, object, open, sha256 } from './shape.ts'

export interface PartRef extends ObjectRef {
  readonly rows: number
}

const rows = number({ min: 0, integer: true })

/** in = clean + rejected + duplicates, or the run stops. */
export interface RowAccounting extends Of<typeof accountingShape> {}
const accountingShape = open({
  /** records of the snapshot: decoded rows and decode rejects */
  in: rows,
  clean: rows,
  /** left out: by decode, or by a drop or quarantine rule; each row once */
  rejected: rows,
  duplicates: rows,
  /** rejected rows by the first thing that rejected them; "decode" for records that did not decode. Sums to `rejected`. */
  rejectedBy: byName(rows),
  /** every failure of every rule, warn included; a row may count under several */
  failures: byName(rows),
  split: object({ train: rows, validate: rows, test: rows }),
})

/** Which offsets of which topic a dataset was made from. */
export interface Lineage {
  readonly source: SourceRef
  readonly coverage: readonly Coverage[]
}

/** Stored as canonical JSON; its sha256 is the dataset's digest. Holds nothing that depends on time, attempt or how offsets were cut. */
export interface DatasetManifest {
  readonly kind: 'dataset'
  readonly pipeline: string
  readonly lineage: Lineage
  /** sha256 of the canonical JSON of the plan's columns, rules, features, predict and split */
  readonly recipe: string
  readonly parts: Readonly<Record<SplitName, readonly PartRef[]>>
  readonly transform: ObjectRef
  readonly quarantine: readonly PartRef[]
  readonly accounting: RowAccounting
}

export interface DatasetRef extends Of<typeof datasetRefShape> {}
export const datasetRefShape = open({
  ...objectRefShape.fields,
  /** = sha256 */
  digest: sha256,
  accounting: accountingShape,
})

/** One fitted feature: constants only, so that training, serving and a browser compute the same float32 values. */
export type FittedFeature =
  | {
      readonly column: string
      readonly encode: 'oneHot'
      readonly values: readonly string[]
      readonly other: boolean
      readonly width: number
    }
  /** y = (clip(log1p?(x ?? fill), low, high) − offset) × factor; low/high/fill are in the units after log1p */
  | {
      readonly column: string
      readonly encode: 'affine'
      readonly log: boolean
      readonly fill: number
      readonly low: number
      readonly high: number
      readonly offset: number
      readonly factor: number
      readonly width: 1
    }
  | {
      readonly column: string
      readonly encode: 'elements'
      readonly offset: number
      readonly factor: number
      readonly width: number
    }
  | { readonly column: string; readonly encode: 'indicator'; readonly width: 1 }
  | FittedTokens

/** Token ids: 0 padding (and what stands before the first token of a document), 1 unknown, 2 + i is vocabulary[i]. */
export interface FittedTokens {
  readonly column: string
  readonly encode: 'tokens'
  readonly unit: 'words' | 'characters'
  /** most frequent first */
  readonly vocabulary: readonly string[]
  /** ids of a row: the length, or context + 1 */
  readonly width: number
  /** next-token training: tokens that a prediction can see */
  readonly context?: number
}

/** A number to predict: learnt as (log1p?(x) − mean) / deviation of the training rows; what the model answers is turned back. */
export interface FittedLabel {
  readonly column: string
  readonly log: boolean
  /** in the unit of the column, with `log` after the logarithm */
  readonly mean: number
  /** the same, > 0 */
  readonly deviation: number
}

/** The fitted transform: raw columns in, one float32 row of `width` values out. */
export interface Transform {
  readonly kind: 'transform'
  readonly width: number
  readonly features: readonly FittedFeature[]
  /** where a number is predicted; absent in transforms of before: there it was learnt as it is */
  readonly label?: FittedLabel
}
