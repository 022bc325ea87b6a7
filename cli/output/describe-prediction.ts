// An answer of a model in a few words.
import type { Prediction } from '../../serving/prediction.ts'

/** "7 (99.8 %)", "true (91.2 %)", "12.5" */
export function describePrediction(prediction: Prediction): string {
  if ('probability' in prediction) {
    const { value, probability } = prediction
    return `${value} (${percent(value ? probability : 1 - probability)})`
  }
  if ('probabilities' in prediction) {
    return `${prediction.value} (${percent(prediction.probabilities[prediction.value] ?? 0)})`
  }
  if ('next' in prediction) {
    return Object.entries(prediction.next) // in which tokens that are digits come first
      .sort(([, a], [, b]) => b - a)
      .map(([token, share]) => `${JSON.stringify(token)} ${percent(share)}`)
      .join(', ')
  }
  return String(prediction.value)
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
