// The words about what comes after: who is asked, and when the model learns again.
import type { TriggerSpec } from '../../schemas/plan.ts'

/** Such as '1 day' or '30 minutes'. */
export type Duration = `${number} ${'second' | 'minute' | 'hour' | 'day' | 'week'}${'' | 's'}`

export interface ApprovalWord {
  /** who is asked, as the approver reads it */
  readonly ask: string
  readonly remind: Duration
  /** a candidate that nobody decided on is withdrawn after this */
  readonly expire: Duration
}

export type TriggerWord = TriggerSpec

export const when = {
  /** five fields, in an IANA time zone */
  cron: (expression: string, timezone = 'UTC'): TriggerWord => ({ when: 'cron', expression, timezone }),
  /** so many records wait in the topic beyond the last snapshot */
  rows: (rows: number): TriggerWord => ({ when: 'rows', rows }),
}
