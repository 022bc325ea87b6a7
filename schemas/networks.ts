// The kinds of models as a plan holds them. Sizes that the data decide are not here; see Architecture in ml/networks/open.ts.
import { byKind, flag, list, number, type Of, optional, sha256, text, tuple, words } from './shape.ts'

const units = number({ min: 1, max: 65_536, integer: true })
const share = number({ min: 0, below: 1 })

export type ModelSpec = Of<typeof modelShape>
export const modelShape = byKind('kind', {
  mlp: {
    /** units of each hidden layer, first to last */
    hidden: list(units),
    activation: words('relu', 'tanh'),
    /** share of hidden units left out per step, in [0, 1) */
    dropout: share,
    /** hidden layers are normalised before their activation: over the batch, or over the units of each row; absent: not at all */
    normalize: optional(words('batch', 'layer')),
  },
  convolutional: {
    /** height, width, channels: the row's values in this order, the last one fastest */
    image: tuple(units, ['height', 'width', 'channels'], 'height, width and channels'),
    /** filters of each convolution, first to last */
    filters: list(units, { min: 1, expected: 'at least one convolution' }),
    /** side of the square that a filter sees, in cells */
    kernel: units,
    /** side of the square of which max pooling keeps one cell, after each convolution; 1: no pooling */
    pool: units,
    /** units of each dense layer after the convolutions */
    dense: list(units),
    /** share of the units before each dense layer left out per step, in [0, 1) */
    dropout: share,
    /** convolutions are normalised over the batch before their activation */
    batchNorm: flag,
  },
  recurrent: {
    cell: words('rnn', 'gru', 'lstm'),
    /** size of a layer's state */
    units,
    layers: units,
    /** values that stand for a token */
    embedding: units,
    /** share of the embedding's and each layer's outputs left out per step, in [0, 1) */
    dropout: share,
  },
  transformer: {
    layers: units,
    heads: units,
    /** values that stand for a position; a multiple of `heads` */
    width: units,
    /** share left out per step of the embedding, of attention weights and of each block's output, in [0, 1) */
    dropout: share,
  },
  textClassifier: {
    /** values that stand for a token */
    embedding: units,
    pooling: words('mean', 'attention'),
    /** units of each hidden layer, first to last */
    hidden: list(units),
    /** share of the pooled values and of hidden units left out per step, in [0, 1) */
    dropout: share,
  },
  custom: {
    /** the module, from the project's folder */
    file: text(/\.[mc]?[jt]s$/, 'a module such as ./model.ts'),
    /** of the module's bytes: other code is another model */
    sha256,
  },
})

type Kind<K extends keyof typeof modelShape.kinds> = Of<(typeof modelShape.kinds)[K]>

/** Dense layers. */
export interface MlpSpec extends Kind<'mlp'> {}
/** Convolutions with pooling between them, then dense layers. */
export interface ConvolutionalSpec extends Kind<'convolutional'> {}
/** Reads token by token with a state of fixed size; predicts the next token at every position. */
export interface RecurrentSpec extends Kind<'recurrent'> {}
/** A decoder: every position attends to those before it and predicts the next token. */
export interface TransformerSpec extends Kind<'transformer'> {}
/** Token ids of a text → its class: embedding, one vector for the whole text, dense layers. */
export interface TextClassifierSpec extends Kind<'textClassifier'> {}
/** A network of the user's own. */
export interface CustomSpec extends Kind<'custom'> {}
