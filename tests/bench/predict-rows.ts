// The networks of the prediction benchmark, and what each is asked: rows at once, or one token after another.
import type { Architecture } from '../../ml/networks/open.ts'
import { ROWS as TRAINED } from './train-rows.ts'

export interface Case {
  /** chosen by on the command line */
  readonly name: string
  readonly title: string
  readonly architecture: Architecture
  /** rows at once → milliseconds a call; generate: one text → milliseconds a token */
  readonly what: 'predict' | 'generate'
  /** rows of a call */
  readonly rows: number
  /** rows of a forward pass, where a call has more */
  readonly chunk: number
  /** tokens of a text; the first ones of a transformer have less to look back at */
  readonly tokens: number
}

interface Subject {
  readonly name: string
  readonly title: string
  readonly architecture: Architecture
}

const TEXT: Subject = {
  name: 'text',
  title: 'text classifier, 64 tokens of 5,000, embedding 64',
  architecture: {
    kind: 'textClassifier',
    embedding: 64,
    pooling: 'mean',
    hidden: [64],
    dropout: 0,
    inputs: 64,
    outputs: 4,
    tokens: 5000,
  },
}

const AT_ONCE = [1, 16, 256, 4096] as const

export const CASES: readonly Case[] = [
  ...[named('mlp'), named('small'), named('cnn'), TEXT, named('gpt')].flatMap(predictions),
  ...[named('gru'), named('lstm'), named('gpt')].map(generation),
]

function named(name: string): Subject {
  const { title, architecture } = TRAINED.find((row) => row.name === name)!
  return { name, title, architecture }
}

function predictions(subject: Subject): Case[] {
  return AT_ONCE.map((rows) => ({ ...subject, what: 'predict', rows, chunk: chunkOf(subject.architecture), tokens: 0 }))
}

function generation(subject: Subject): Case {
  return { ...subject, what: 'generate', rows: 1, chunk: 1, tokens: subject.architecture.inputs - 1 }
}

/** Sequences hold all their logits: sluice cuts them at 2,048 rows (passRowsOf), and so do the others here. */
function chunkOf({ kind }: Architecture): number {
  return kind === 'transformer' ? 2048 : 4096
}
