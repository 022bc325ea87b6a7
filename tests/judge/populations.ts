// Made-up populations whose true metrics are known: rows with a label and the outputs of two models that err alike.
import { type Random, seededRandom } from '../../core/random.ts'
import { type Answers, onceEach } from '../../judge/estimator.ts'
import { estimators } from '../../judge/metrics.ts'
import type { MetricName, PredictSpec } from '../../schemas/plan.ts'

export interface Pair {
  readonly candidate: Answers
  readonly champion: Answers
}

/** Draws rows; `skill` of a model is how far its outputs lean towards the truth. */
export interface Population {
  readonly predict: PredictSpec
  draw(rows: number, random: Random, skill: { candidate: number; champion: number }): Pair
}

/** Box and Muller 1958. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A flag that is true in `rate` of rows; both models see a common part of what is there to see, and each some of its own. */
export function flagPopulation(rate: number): Population {
  const predict = { task: 'probability', column: 'y' } as const
  return {
    predict,
    draw(rows, random, skill) {
      const labels = Float32Array.from({ length: rows }, () => Number(random() < rate))
      const common = Float64Array.from({ length: rows }, () => normal(random))
      const outputs = (lean: number) =>
        Float32Array.from(labels, (label, row) => {
          const sign = 2 * label - 1
          return 1 / (1 + Math.exp(-(lean * sign + 0.9 * common[row]! + 0.4 * normal(random))))
        })
      const answers = (lean: number): Answers => ({ predict, rows, labels, outputs: outputs(lean) })
      return { candidate: answers(skill.candidate), champion: answers(skill.champion) }
    },
  }
}

/** One of `classes.length` equally frequent classes. */
export function classPopulation(classes: readonly string[]): Population {
  const predict = { task: 'category', column: 'y', classes } as const
  const width = classes.length
  return {
    predict,
    draw(rows, random, skill) {
      const labels = Float32Array.from({ length: rows }, () => Math.floor(random() * width))
      const common = Float64Array.from({ length: rows * width }, () => normal(random))
      const outputs = (lean: number): Float32Array => {
        const logits = common.map((shared, i) => {
          const truth = labels[Math.floor(i / width)] === i % width
          return shared + 0.4 * normal(random) + (truth ? lean : 0)
        })
        return softmaxRows(logits, width)
      }
      const answers = (lean: number): Answers => ({ predict, rows, labels, outputs: outputs(lean) })
      return { candidate: answers(skill.candidate), champion: answers(skill.champion) }
    },
  }
}

function softmaxRows(logits: Float64Array, width: number): Float32Array {
  const outputs = new Float32Array(logits.length)
  for (let start = 0; start < logits.length; start += width) {
    const powers = logits.subarray(start, start + width).map(Math.exp)
    const total = powers.reduce((sum, power) => sum + power, 0)
    for (let i = 0; i < width; i++) outputs[start + i] = powers[i]! / total
  }
  return outputs
}

/** Flags whose stated probabilities are exactly right for the champion and too bold by the candidate's skill. */
export const calibratedPopulation: Population = {
  predict: { task: 'probability', column: 'y' },
  draw(rows, random, skill) {
    const predict = { task: 'probability', column: 'y' } as const
    const logits = Float64Array.from({ length: rows }, () => 2 * normal(random))
    const labels = Float32Array.from(logits, (logit) => Number(random() < 1 / (1 + Math.exp(-logit))))
    const answers = (boldness: number): Answers => ({
      predict,
      rows,
      labels,
      outputs: Float32Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit * boldness))),
    })
    return { candidate: answers(skill.candidate), champion: answers(skill.champion) }
  },
}

/** The metric of so many rows that it is the population's, within a thousandth or so. */
export function truthOf(population: Population, metric: MetricName, skill: { candidate: number; champion: number }) {
  const rows = 400_000
  const { candidate, champion } = population.draw(rows, seededRandom(99), skill)
  const value = (answers: Answers) => estimators(answers)(metric).value(onceEach(rows))
  return { candidate: value(candidate), difference: value(candidate) - value(champion) }
}
