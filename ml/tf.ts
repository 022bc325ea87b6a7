// What all code that computes is written against: the operations of tfjs, whichever backend runs them. A type alone, so that naming it loads nothing.
export type Tf = typeof import('@tensorflow/tfjs')
