// A workflow that trains once and tries again at once: the product's waits up to half a minute between attempts.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../../activities/index.ts'

const { trainModel } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '2 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: 10, maximumInterval: 10 },
})

export async function oneTraining(input: Parameters<typeof trainModel>[0]): ReturnType<typeof trainModel> {
  return await trainModel(input)
}
