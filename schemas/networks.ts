// The kinds of models as a plan holds them. Sizes that the data decide are not here; see Architecture in ml/networks/open.ts.

/** Dense layers. */
export interface MlpSpec {
  readonly kind: 'mlp'
  /** units of each hidden layer, first to last */
  readonly hidden: readonly number[]
  readonly activation: 'relu' | 'tanh'
  /** share of hidden units left out per step, in [0, 1) */
  readonly dropout: number
  /** hidden layers are normalised before their activation: over the batch, or over the units of each row; absent: not at all */
  readonly normalize?: 'batch' | 'layer'
}

/** Convolutions with pooling between them, then dense layers. */
export interface ConvolutionalSpec {
  readonly kind: 'convolutional'
  /** height, width, channels: the row's values in this order, the last one fastest */
  readonly image: readonly [height: number, width: number, channels: number]
  /** filters of each convolution, first to last */
  readonly filters: readonly number[]
  /** side of the square that a filter sees, in cells */
  readonly kernel: number
  /** side of the square of which max pooling keeps one cell, after each convolution; 1: no pooling */
  readonly pool: number
  /** units of each dense layer after the convolutions */
  readonly dense: readonly number[]
  /** share of the units before each dense layer left out per step, in [0, 1) */
  readonly dropout: number
  /** convolutions are normalised over the batch before their activation */
  readonly batchNorm: boolean
}

/** Reads token by token with a state of fixed size; predicts the next token at every position. */
export interface RecurrentSpec {
  readonly kind: 'recurrent'
  readonly cell: 'rnn' | 'gru' | 'lstm'
  /** size of a layer's state */
  readonly units: number
  readonly layers: number
  /** values that stand for a token */
  readonly embedding: number
  /** share of the embedding's and each layer's outputs left out per step, in [0, 1) */
  readonly dropout: number
}

/** A decoder: every position attends to those before it and predicts the next token. */
export interface TransformerSpec {
  readonly kind: 'transformer'
  readonly layers: number
  readonly heads: number
  /** values that stand for a position; a multiple of `heads` */
  readonly width: number
  /** share left out per step of the embedding, of attention weights and of each block's output, in [0, 1) */
  readonly dropout: number
}

/** Token ids of a text → its class: embedding, one vector for the whole text, dense layers. */
export interface TextClassifierSpec {
  readonly kind: 'textClassifier'
  /** values that stand for a token */
  readonly embedding: number
  readonly pooling: 'mean' | 'attention'
  /** units of each hidden layer, first to last */
  readonly hidden: readonly number[]
  /** share of the pooled values and of hidden units left out per step, in [0, 1) */
  readonly dropout: number
}

/** A network of the user's own. */
export interface CustomSpec {
  readonly kind: 'custom'
  /** the module, from the project's folder */
  readonly file: string
  /** of the module's bytes: other code is another model */
  readonly sha256: string
}

export type ModelSpec = MlpSpec | ConvolutionalSpec | RecurrentSpec | TransformerSpec | TextClassifierSpec | CustomSpec
