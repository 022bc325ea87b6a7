// What the failure catalogue says of each code.

/** retry: may pass by itself. fatal: the same inputs will fail again, a person must act. */
export type RetryClass = 'retry' | 'fatal'

export interface CatalogueEntry {
  readonly retry: RetryClass
  /** what was expected and found; {names} are filled from the facts */
  readonly message: string
  /** the next step for the person who reads it */
  readonly next: string
}
