// The word about the model: which kind of network, and its sizes.
import type {
  ConvolutionalSpec,
  CustomSpec,
  MlpSpec,
  RecurrentSpec,
  TextClassifierSpec,
  TransformerSpec,
} from '../../schemas/networks.ts'

/** Of a kind of model: `Needed` must be said, the rest has defaults. */
type Word<Spec extends { readonly kind: string }, Needed extends keyof Spec> = Pick<Spec, 'kind' | Needed> &
  Partial<Omit<Spec, 'kind' | Needed>>

export interface MlpWord extends Word<Omit<MlpSpec, 'normalize'>, 'hidden'> {
  /** normalises hidden layers over the batch (Ioffe & Szegedy 2015); default false */
  readonly batchNorm?: boolean
  /** normalises hidden layers over the units of each row (Ba et al. 2016); default false */
  readonly layerNorm?: boolean
}
type ConvolutionalWord = Word<ConvolutionalSpec, 'image' | 'filters'>
type RecurrentWord = Word<RecurrentSpec, 'cell' | 'units'>
type TransformerWord = Word<TransformerSpec, 'layers' | 'heads' | 'width'>
type TextClassifierWord = Word<TextClassifierSpec, 'embedding'>
/** The registry adds the digest when it reads the file. */
type CustomWord = Word<CustomSpec, 'file'>

export type ModelWord = MlpWord | ConvolutionalWord | RecurrentWord | TransformerWord | TextClassifierWord | CustomWord

type Options<Of> = Omit<Of, 'kind'>

export const model = {
  /** Dense layers. `hidden: []` is logistic (or linear) regression; `dropout`: share of hidden units left out per step. */
  mlp: (options: Options<MlpWord>): MlpWord => ({ kind: 'mlp', ...options }),
  /**
   * Convolutions for images: `image` is height, width and channels of the features' values. Defaults: kernel 3, pool 2, no dense layer
   * but the last, dropout 0, batchNorm false.
   */
  convolutional: (options: Options<ConvolutionalWord>): ConvolutionalWord => ({ kind: 'convolutional', ...options }),
  /** Predicts the next token from a state of fixed size: a simple RNN, GRU or LSTM. Defaults: 1 layer, embedding 64, dropout 0. */
  recurrent: (options: Options<RecurrentWord>): RecurrentWord => ({ kind: 'recurrent', ...options }),
  /** Predicts the next token by attending to those before it. Default: dropout 0. */
  transformer: (options: Options<TransformerWord>): TransformerWord => ({ kind: 'transformer', ...options }),
  /** The class of a text from its tokens, without their order. Defaults: pooling 'mean', hidden [], dropout 0. */
  textClassifier: (options: Options<TextClassifierWord>): TextClassifierWord => ({
    kind: 'textClassifier',
    ...options,
  }),
  /** A network of your own: a module beside the pipeline file that exports `network(sizes)`, see docs/guides/models.md. */
  custom: (file: `./${string}`): CustomWord => ({ kind: 'custom', file }),
}
