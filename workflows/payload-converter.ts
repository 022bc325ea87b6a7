// How values reach workflows: as JSON. What cannot be read arrives as the words why, which no check takes; thrown while a signal is
// delivered, an error would fail the workflow's task, and Temporal would try that again for ever.
import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common'

export const payloadConverter: PayloadConverter = {
  toPayload: (...value) => defaultPayloadConverter.toPayload(...value),
  fromPayload<T>(...payload: Parameters<typeof defaultPayloadConverter.fromPayload<T>>): T {
    try {
      return defaultPayloadConverter.fromPayload(...payload)
    } catch (error) {
      return `not readable: ${(error as Error).message}` as T
    }
  },
}
