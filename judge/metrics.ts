// The metrics of a task: all of them for the report, each of them as an estimator for the gates.
import { failure, type SluiceFailure } from '../schemas/failures.ts'
import type {
  ClassificationMetric,
  LanguageMetric,
  MetricName,
  PredictSpec,
  RegressionMetric,
} from '../schemas/plan.ts'
import type { ClassMetrics, Metrics } from '../schemas/verdict.ts'
import { CLASSIFICATION, classify } from './classification.ts'
import { classScores, confusionOf } from './confusion.ts'
import { type Answers, type Estimator, onceEach } from './estimator.ts'
import { documentScores, LANGUAGE } from './language.ts'
import { measureErrors, REGRESSION } from './regression.ts'

/** Names of the classes in index order; none for a number or next tokens. */
export function classNames(predict: PredictSpec): readonly string[] {
  if (predict.task === 'category') return predict.classes
  return predict.task === 'probability' ? ['false', 'true'] : []
}

/** Every metric that the task defines and the rows determine. */
export function metricsOf(answers: Answers): Metrics {
  const table = tableOf(answers.predict)
  const estimatorOf = estimators(answers)
  const once = onceEach(answers.rows)
  const values = (Object.keys(table) as MetricName[]).map((name) => [name, estimatorOf(name).value(once)] as const)
  return Object.fromEntries(values.filter(([, value]) => Number.isFinite(value)))
}

function tableOf({ task }: PredictSpec) {
  if (task === 'next') return LANGUAGE
  return task === 'number' ? REGRESSION : CLASSIFICATION
}

/** By the rows: report and gates ask for the same ones again and again. */
const opened = new WeakMap<Answers, (metric: MetricName) => Estimator>()

/** Prepares the rows once and gives the estimator of each metric. Throws GATE_INVALID for a metric of another task. */
export function estimators(answers: Answers): (metric: MetricName) => Estimator {
  const known = opened.get(answers)
  if (known !== undefined) return known
  const byMetric = new Map<MetricName, Estimator>()
  const prepare = estimatorsOf(answers)
  const estimatorOf = (metric: MetricName): Estimator => {
    const estimator = byMetric.get(metric) ?? prepare(metric)
    byMetric.set(metric, estimator)
    return estimator
  }
  opened.set(answers, estimatorOf)
  return estimatorOf
}

function estimatorsOf(answers: Answers): (metric: MetricName) => Estimator {
  if (answers.predict.task === 'number') {
    const errors = measureErrors(answers)
    return (metric) => {
      if (!Object.hasOwn(REGRESSION, metric)) throw wrongMetric(metric, REGRESSION)
      return REGRESSION[metric as RegressionMetric](errors)
    }
  }
  if (answers.predict.task === 'next') {
    const scores = documentScores(answers)
    return (metric) => {
      if (!Object.hasOwn(LANGUAGE, metric)) throw wrongMetric(metric, LANGUAGE)
      return LANGUAGE[metric as LanguageMetric](scores)
    }
  }
  const classified = classify(answers, classNames(answers.predict).length)
  return (metric) => {
    if (!Object.hasOwn(CLASSIFICATION, metric)) throw wrongMetric(metric, CLASSIFICATION)
    return CLASSIFICATION[metric as ClassificationMetric](classified)
  }
}

/** Precision, recall and F1 of each class, and the [actual][predicted] counts; both empty without classes. */
export function classReport(answers: Answers): { classes: ClassMetrics[]; confusion: number[][] } {
  const names = classNames(answers.predict)
  if (names.length === 0) return { classes: [], confusion: [] }
  const { actual, predicted } = classify(answers, names.length)
  const confusion = confusionOf(actual, predicted, names.length, onceEach(answers.rows))
  return {
    classes: names.map((name, index) => {
      const { support, precision, recall, f1 } = classScores(confusion, index)
      return { class: name, rows: support, precision, recall, f1 }
    }),
    confusion: names.map((_, index) => [
      ...confusion.counts.subarray(index * names.length, (index + 1) * names.length),
    ]),
  }
}

function wrongMetric(metric: MetricName, table: Readonly<Record<string, unknown>>): SluiceFailure {
  return failure('GATE_INVALID', {
    gate: metric,
    expected: `a metric of the task: ${Object.keys(table).join(', ')}`,
    found: metric,
  })
}
