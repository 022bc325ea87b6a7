// How a candidate stands while people are asked: what it was compared with, whether that is still live, and newer candidates beside it.
import type { PromoteInput, SupersedeInput } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import type { ChampionChanged } from '../schemas/rollback.ts'
import type { Stale } from './question-view.ts'
import { compareWithNewer } from './rivals.ts'

export interface Standing {
  /** with the newest evaluation and summary */
  input(): PromoteInput
  /** null: the live model is the one that it was judged against */
  stale(): Stale | null
  /** what happened since the question was put, a sentence each */
  news(): readonly string[]
  changed(changed: ChampionChanged): void
  /** `because`: the word that was answered; a later one stays. */
  judgedAgain(judged: Pick<PromoteInput, 'evaluation' | 'summary'>, because: Stale): void
  cannotJudge(why: string): void
  /** True where this candidate is better than the newer one, and stays decidable; else why not, '' where nothing could be compared. */
  meets(newer: SupersedeInput): true | string
}

/** The newest sentences are told. */
const MAX_NEWS = 4

export function keepStanding(asked: PromoteInput): Standing {
  let input = asked
  let stale: Stale | null = null
  let news: readonly string[] = []
  const tell = (sentence: string): void => {
    news = [...news, sentence].slice(-MAX_NEWS)
  }
  return {
    input: () => input,
    stale: () => stale,
    news: () => news,
    changed(changed) {
      stale = changed.champion === input.evaluation.champion ? null : { ...changed, failed: null }
    },
    judgedAgain(judged, because) {
      input = { ...input, ...judged }
      if (stale === because) stale = null
      tell(`**Judged again, against the live model:** ${because.why}.`)
    },
    cannotJudge(why) {
      if (stale !== null) stale = { ...stale, failed: why }
    },
    meets({ by, judged }) {
      if (judged === undefined) return ''
      const { isBetter, words } = compareWithNewer(input.plan, input.evaluation, judged)
      if (!isBetter) return words
      tell(
        `**A newer candidate waits as well: \`${shortDigest(by)}\`.** This one is better (${words}), so it stays decidable.`,
      )
      return true
    },
  }
}
