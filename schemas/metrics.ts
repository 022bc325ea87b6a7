// The metrics by which models are judged: which make sense for which task, and in which direction they are better.

/** task → its metrics; precision, recall and f1 are those of the true class */
export const METRICS = {
  probability: ['accuracy', 'loss', 'auc', 'macroF1', 'precision', 'recall', 'f1', 'calibrationError'],
  category: ['accuracy', 'loss', 'auc', 'macroF1', 'calibrationError'],
  number: ['loss', 'rmse', 'mae', 'mape', 'r2'],
  /** loss: nats per token */
  next: ['loss', 'perplexity', 'bitsPerCharacter'],
} as const

export type MetricsOfTask = { readonly [T in keyof typeof METRICS]: (typeof METRICS)[T][number] }
export type ClassificationMetric = MetricsOfTask['probability']
export type RegressionMetric = MetricsOfTask['number']
export type LanguageMetric = MetricsOfTask['next']
export type MetricName = ClassificationMetric | RegressionMetric | LanguageMetric

const LOWER = ['loss', 'rmse', 'mae', 'mape', 'calibrationError', 'perplexity', 'bitsPerCharacter'] as const

export type LowerIsBetter = (typeof LOWER)[number]
export type HigherIsBetter = Exclude<MetricName, LowerIsBetter>

/** Lower is better for these, higher for the rest. */
export const LOWER_IS_BETTER: ReadonlySet<MetricName> = new Set(LOWER)
