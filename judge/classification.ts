// Classification metrics: accuracy, log loss, AUC, precision, recall, F1, calibration error.
import { strict as assert } from 'node:assert'
import type { ClassificationMetric } from '../schemas/plan.ts'
import { aucProjection, rankedAuc, rankScores } from './auc.ts'
import { binGaps, calibrationError, calibrationRows, gapDistance, gapSums } from './calibration.ts'
import { type ClassScores, type Confusion, classScores, confusionOf, confusionSums, macroMean } from './confusion.ts'
import { type Answers, type Estimator, meanOfSums, onceEach, rowSums, weightedMean } from './estimator.ts'

/** Probabilities below this count as this much in the loss, as in Keras: a float32 softmax may answer 0. */
const MIN_PROBABILITY = 1e-7
/** bounds the memory of one float32 per row and class: 256 MiB */
const MAX_PLACEMENTS = 2 ** 26

export interface Classified {
  readonly rows: number
  readonly classes: number
  /** the classes are false and true, and the metrics are those of "true" */
  readonly binary: boolean
  readonly actual: Uint16Array
  readonly predicted: Uint16Array
  /** P(class `index`) of every row */
  probability(index: number): Float32Array
}

/** The class with the highest probability, the first of equals; a flag is predicted true from 0.5 on. */
export function classify({ predict, rows, outputs, labels }: Answers, classes: number): Classified {
  const binary = predict.task === 'probability'
  assert(outputs.length === rows * (binary ? 1 : classes) && labels.length === rows, 'outputs and labels fit the rows')
  const predicted = new Uint16Array(rows)
  for (let row = 0; row < rows; row++) {
    predicted[row] = binary ? Number(outputs[row]! >= 0.5) : highest(outputs, row * classes, classes)
  }
  return {
    rows,
    classes,
    binary,
    actual: Uint16Array.from(labels),
    predicted,
    probability(index) {
      if (binary) return index === 1 ? outputs : outputs.map((p) => 1 - p)
      const column = new Float32Array(rows)
      for (let row = 0; row < rows; row++) column[row] = outputs[row * classes + index]!
      return column
    },
  }
}

function highest(outputs: Float32Array, start: number, classes: number): number {
  let best = 0
  for (let index = 1; index < classes; index++) if (outputs[start + index]! > outputs[start + best]!) best = index
  return best
}

export const CLASSIFICATION: Readonly<Record<ClassificationMetric, (classified: Classified) => Estimator>> = {
  accuracy,
  loss,
  auc,
  macroF1: (classified) => macro(classified, 'f1'),
  precision: (classified) => (classified.binary ? ofTrue(classified, 'precision') : macro(classified, 'precision')),
  recall: (classified) => (classified.binary ? ofTrue(classified, 'recall') : macro(classified, 'recall')),
  f1: (classified) => (classified.binary ? ofTrue(classified, 'f1') : macro(classified, 'f1')),
  calibrationError: calibration,
}

function accuracy({ rows, actual, predicted }: Classified): Estimator {
  const hits = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) hits[row] = Number(actual[row] === predicted[row])
  const right = Float64Array.from(hits)
  return { value: (weights) => weightedMean(right, weights), range: [0, 1], reach: 1, hits }
}

/** Mean of −ln P(actual class). */
function loss({ rows, classes, binary, actual, probability }: Classified): Estimator {
  const losses = new Float64Array(rows)
  for (let index = 0; index < classes; index++) {
    const p = probability(binary ? 1 : index)
    for (let row = 0; row < rows; row++) {
      if (actual[row] !== index) continue
      // one minus a float32 is taken in float64, so that P(false) keeps its digits near 0
      const ofActual = binary && index === 0 ? 1 - p[row]! : p[row]!
      losses[row] = -Math.log(Math.max(ofActual, MIN_PROBABILITY))
    }
  }
  const range = [0, -Math.log(MIN_PROBABILITY)] as const
  const sums = () => rowSums([losses], ([total], count) => total! / count)
  return { value: (weights) => weightedMean(losses, weights), range, reach: losses, sums }
}

/** Binary: of "true". More classes: mean over the classes of one against the rest (macro), of those that both occur. */
function auc({ rows, classes, binary, actual, probability }: Classified): Estimator {
  const indexes = binary ? [1] : Array.from({ length: classes }, (_, index) => index)
  const perClass = indexes
    .map((index) => ({
      ranked: rankScores(probability(index)),
      positive: sideOf(actual, index),
    }))
    .filter(({ positive }) => positive.includes(0) && positive.includes(1))
  const smallest = Math.min(...perClass.map(({ positive }) => smallerSide(positive)))
  return {
    value(weights) {
      const areas = perClass.map(({ ranked, positive }) => rankedAuc(ranked, positive, weights)).filter(Number.isFinite)
      return areas.reduce((total, area) => total + area, 0) / areas.length
    },
    range: [0, 1],
    // an unseen kind of row is ranked at random: each costs half of what it weighs on its side
    reach: rows / (2 * smallest * perClass.length),
    ...(perClass.length * rows <= MAX_PLACEMENTS && {
      sums: () => meanOfSums(perClass.map(({ ranked, positive }) => aucProjection(ranked, positive))),
    }),
  }
}

/** 1 for rows of the class. */
function sideOf(actual: Uint16Array, index: number): Uint8Array {
  const positive = new Uint8Array(actual.length)
  for (let row = 0; row < actual.length; row++) positive[row] = Number(actual[row] === index)
  return positive
}

function smallerSide(positive: Uint8Array): number {
  const positives = positive.reduce((total, x) => total + x, 0)
  return Math.min(positives, positive.length - positives)
}

type ClassScore = 'precision' | 'recall' | 'f1'

function ofTrue(classified: Classified, score: ClassScore): Estimator {
  const scores = classScores(counted(classified), 1)
  const hits = scores.recall * scores.support
  const estimator = confusionEstimator(classified, score, {
    scores: [scores],
    counted: [1],
    scoreOf: (scoresOfClass) => scoresOfClass(1)[score],
  })
  if (score === 'f1' || trials(scores, score) === 0) return estimator
  return { ...estimator, share: [Math.round(hits), trials(scores, score)] }
}

function macro(classified: Classified, score: ClassScore): Estimator {
  const confusion = counted(classified)
  const scores = Array.from({ length: classified.classes }, (_, index) => classScores(confusion, index))
  return confusionEstimator(classified, score, {
    scores,
    counted: scores.map((_, index) => index),
    scoreOf: (scoresOfClass) => macroMean(classified.classes, scoresOfClass, score),
  })
}

function confusionEstimator(
  { rows, classes, actual, predicted }: Classified,
  score: ClassScore,
  {
    scores,
    counted: indexes,
    scoreOf,
  }: {
    /** of the classes that count, in the sample */
    scores: readonly ClassScores[]
    counted: readonly number[]
    scoreOf: (scoresOfClass: (index: number) => ClassScores) => number
  },
): Estimator {
  const counts = new Float64Array(classes * classes)
  const denominators = scores.map((each) => trials(each, score)).filter((count) => count > 0)
  return {
    value(weights) {
      const confusion = confusionOf(actual, predicted, classes, weights, counts)
      return scoreOf((index) => classScores(confusion, index))
    },
    sums: () => confusionSums({ actual, predicted, classes }, indexes, scoreOf),
    range: [0, 1],
    reach: denominators.length === 0 ? Infinity : rows / (Math.min(...denominators) * scores.length),
  }
}

/** Rows in the denominator of the score. */
function trials({ support, predicted }: ClassScores, score: ClassScore): number {
  if (score === 'precision') return predicted
  return score === 'recall' ? support : (support + predicted) / 2
}

function counted({ rows, classes, actual, predicted }: Classified): Confusion {
  return confusionOf(actual, predicted, classes, onceEach(rows))
}

/** Binary: P(true) against the share that is true. More classes: the highest probability against the share that is right. */
function calibration({ binary, classes, actual, predicted, probability }: Classified): Estimator {
  const pTrue = probability(1)
  const byClass = binary ? [] : Array.from({ length: classes }, (_, index) => probability(index))
  const confidence = new Float64Array(actual.length)
  const cameTrue = new Uint8Array(actual.length)
  for (let row = 0; row < actual.length; row++) {
    confidence[row] = binary ? pTrue[row]! : byClass[predicted[row]!]![row]!
    cameTrue[row] = binary ? actual[row]! : Number(actual[row] === predicted[row])
  }
  const rows = calibrationRows(confidence, cameTrue)
  const ofSample = binGaps(rows, onceEach(actual.length))
  return {
    value: (weights) => calibrationError(rows, weights),
    sums: () => gapSums(rows, ofSample),
    distance: { of: (weights) => gapDistance(binGaps(rows, weights), ofSample), side: 'below' },
    range: [0, 1],
    reach: 1,
  }
}
