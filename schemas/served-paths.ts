// The paths of the prediction server that no pipeline can be served under.

/** What the server itself answers. */
export const ANSWERED_PATHS: readonly string[] = [
  '/healthz', // whether the process answers
  '/readyz', // whether every champion is in service
  '/models', // the pipelines, their paths and the models in service
  '/metrics', // Prometheus text
]

export const RESERVED_PATHS: readonly string[] = [
  ...ANSWERED_PATHS,
  '/v2', // kept free: clients of the Open Inference Protocol begin every path with it
]

/** True for a reserved path and for every path below one. */
export function isReserved(path: string): boolean {
  return RESERVED_PATHS.some((taken) => path === taken || path.startsWith(`${taken}/`))
}
