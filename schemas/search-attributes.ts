// The search attributes by which people find runs in the Temporal UI.

/** Name → Temporal type; `infra` registers them, workflows upsert them. */
export const SEARCH_ATTRIBUTES = {
  SluicePipeline: 'Keyword',
  SluiceStage: 'Keyword',
  SluiceVerdict: 'Keyword',
  SluiceCandidate: 'Keyword',
  SluiceWaiting: 'Bool',
} as const
