// A record of the lake and what became of it: which rule, which split, which row won.
import type { SplitName } from './plan.ts'

/**
 * kept: in a split. quarantined, dropped: by the rule that decided. duplicate: another row of its id came first.
 * undecoded: a reject, which never became a row.
 */
export type Fate = 'kept' | 'quarantined' | 'dropped' | 'duplicate' | 'undecoded'

export interface Place {
  readonly partition: number
  readonly offset: number
}

export interface FailedRule {
  readonly rule: string
  /** that it looks at; null: decoding */
  readonly column: string | null
  /** e.g. "between 0 and 50" */
  readonly expected: string
  /** the value, as text */
  readonly found: string
}

export interface TracedRow extends Place {
  readonly topic: string
  /** RFC 3339, UTC, as the broker stored it; null: the record has none */
  readonly time: string | null
  readonly fate: Fate
  /** of the plan's id column; null: it has none, or the record did not decode */
  readonly id: string | null
  /** the rule that decided; "decode" for what did not decode; null: kept or duplicate */
  readonly rule: string | null
  /** every rule that the row fails, those that only warn included; of what did not decode all reasons */
  readonly failed: readonly FailedRule[]
  /** of kept rows */
  readonly split: SplitName | null
  /** of duplicates: the row of the same id that stays */
  readonly first: Place | null
  /** the decoded values, by column; null: it did not decode */
  readonly row: Readonly<Record<string, unknown>> | null
}
