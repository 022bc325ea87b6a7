// Servers that nobody asks.
import type { Endpoints } from '../../schemas/endpoints.ts'

export const NOWHERE: Endpoints = {
  kafka: { brokers: ['127.0.0.1:1'] },
  s3: { endpoint: undefined, region: 'r', bucket: 'b', accessKeyId: 'a', secretAccessKey: 's' },
  temporal: { address: '127.0.0.1:1', namespace: 'n', uiUrl: 'http://127.0.0.1:1' },
}
