// What each metric says, for an approver who does not train models.
import { LOWER_IS_BETTER, type MetricName } from '../../schemas/metrics.ts'

const WORDS: Readonly<Record<MetricName, string>> = {
  accuracy: 'share of right answers; 1 is best',
  loss: 'the error that training makes smaller; lower is better',
  auc: 'how well it tells the classes apart; 1 is best, 0.5 is chance',
  macroF1: 'precision and recall in one, the mean over all classes; 1 is best',
  precision: 'share of its "true" answers that are right; 1 is best',
  recall: 'share of the true cases that it finds; 1 is best',
  f1: 'precision and recall in one; 1 is best',
  calibrationError: 'how far stated probabilities are from what happens; 0 is best',
  rmse: "typical error in the label's unit, large ones count more; 0 is best",
  mae: "mean error in the label's unit; 0 is best",
  mape: 'mean error as a share of the label; 0 is best',
  r2: "share of the label's variation that it explains; 1 is best",
  perplexity: 'among how many tokens it hesitates; 1 is best',
  bitsPerCharacter: 'bits that it needs for a character; lower is better',
}

export const metricWords = (metric: MetricName): string => WORDS[metric]

/** Candidate beside champion: "better by 0.031", "worse by 0.5", "the same". */
export function metricChange(metric: MetricName, value: number, before: number): string {
  if (value === before) return 'the same'
  const isBetter = value < before === LOWER_IS_BETTER.has(metric)
  return `${isBetter ? 'better' : 'worse'} by ${Number(Math.abs(value - before).toPrecision(2))}`
}
