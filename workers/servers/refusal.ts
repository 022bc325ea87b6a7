// Whether Temporal refused who asks: no wait cures that.
import { isGrpcServiceError } from '@temporalio/client'

// of gRPC's status codes
const PERMISSION_DENIED = 7
const UNAUTHENTICATED = 16

/** The native client says the status of its very first call in words only. */
const IN_WORDS = /does not have (valid authentication credentials|permission)/

/** What the server said when it refused the credentials; null: it did not. */
export function refusalOf(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) {
      const isRefusal = cause.code === PERMISSION_DENIED || cause.code === UNAUTHENTICATED
      return isRefusal ? cause.details || cause.message : null
    }
    if (cause.name === 'TransportError' && IN_WORDS.test(cause.message)) return cause.message
  }
  return null
}
