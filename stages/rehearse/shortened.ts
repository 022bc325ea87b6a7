// How much of a training fits an editing loop: fewer epochs where a model takes long for each row.
import type { ModelSpec } from '../../schemas/networks.ts'

/** Rows that two processor cores train on in about ten seconds, by kind; of texts whose next tokens are learnt, whole texts. */
const ROWS: Readonly<Record<ModelSpec['kind'], number>> = {
  mlp: 500_000,
  textClassifier: 300_000,
  convolutional: 40_000,
  custom: 40_000,
  recurrent: 400,
  transformer: 400,
}

/** At least one epoch, at most as many as the pipeline says; `rows` of the training split. */
export function fewerEpochs(
  kind: ModelSpec['kind'],
  { rows, epochs }: { readonly rows: number; readonly epochs: number },
): number {
  return Math.min(epochs, Math.max(1, Math.floor(ROWS[kind] / Math.max(rows, 1))))
}
