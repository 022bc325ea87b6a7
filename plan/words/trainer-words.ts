// The word for a program that trains instead of sluice.

export interface TrainerWord {
  readonly command: readonly string[]
  readonly files?: readonly string[]
}

export const trainer = {
  /**
   * A program of your own, e.g. ['python3', './trainer.py'], run in the pipeline's folder (docs/reference/trainer-contract.md).
   * Arguments that begin with ./ or ../ are files whose digests join the plan; `files` names more of them, such as imported modules.
   */
  command: (command: readonly string[], options: { readonly files?: readonly string[] } = {}): TrainerWord => ({
    command,
    ...options,
  }),
}
