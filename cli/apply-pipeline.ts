// Makes the world ready for a pipeline: topic, bucket, schedules. Doing it again changes nothing.
import type { Config } from '../core/config.ts'
import type { KafkaEndpoint } from '../schemas/endpoints.ts'
import type { Plan } from '../schemas/plan.ts'
import { checkSource } from '../stream/decode.ts'
import { connectBroker } from '../stream/kafka/connect.ts'
import type { Pause } from '../workers/pause.ts'
import { type AppliedSchedules, type ApplySchedules, applySchedules, upcomingOf } from '../workers/schedules.ts'
import { carriedPlan, requireEndpoints, withStore, withTemporal } from './clients.ts'
import { type NextTimes, nextTimes } from './output/next-times.ts'

export interface Topic {
  readonly outcome: 'created' | 'exists'
  /** that it has: one that existed keeps its own */
  readonly partitions: number
}

export interface Applied {
  readonly pipeline: string
  readonly fingerprint: string
  readonly topic: Topic & { readonly name: string }
  readonly bucket: string
  readonly triggers: number
  /** the next times of every cron trigger, RFC 3339 with its zone's offset */
  readonly next: readonly NextTimes[]
  /** a person's, which stays; absent: none */
  readonly pause?: Pause
}

/** `partitions`: of a topic that does not exist yet. */
export async function applyPipeline(config: Config, source: Source): Promise<Applied> {
  const { plan } = source
  checkSource(plan.source, plan.columns)
  const topic = await prepareSource(config, source) // the bucket first: a large plan goes there
  const { next, pause } = await schedule(config, plan)
  const { name: pipeline, fingerprint, retrain } = plan
  const { bucket } = requireEndpoints(config).s3
  return {
    pipeline,
    fingerprint,
    topic: { name: plan.source.topic, ...topic },
    bucket,
    triggers: retrain.length,
    next,
    ...(pause && { pause }),
  }
}

interface Source {
  readonly plan: Plan
  readonly partitions: number
}

/** Topic and bucket. */
export async function prepareSource(config: Config, { plan, partitions }: Source): Promise<Topic> {
  const { topic } = plan.source
  const { kafka } = requireEndpoints(config)
  const [found] = await Promise.all([
    createTopic(kafka, topic, partitions),
    withStore(config, (store) => store.ensureBucket()),
  ])
  return found
}

export async function applySchedulesOf(
  config: Config,
  plan: Plan,
  poll: Pick<ApplySchedules, 'pollEveryMs'> = {},
): Promise<AppliedSchedules> {
  const carried = await carriedPlan(config, plan)
  return await withTemporal(config, (client) => applySchedules({ client, plan, carried, ...poll }))
}

async function schedule(config: Config, plan: Plan) {
  const { pause } = await applySchedulesOf(config, plan)
  const next = await withTemporal(config, async (client) => (await upcomingOf(client, plan)).map(nextTimes))
  return { next, pause }
}

async function createTopic(kafka: KafkaEndpoint, topic: string, partitions: number): Promise<Topic> {
  const broker = await connectBroker({ ...kafka, clientId: 'sluice-apply' })
  try {
    const outcome = await broker.createTopic({ topic, partitions })
    const has = outcome === 'created' ? partitions : (await broker.topicEnds(topic)).length
    return { outcome, partitions: has }
  } finally {
    await broker.close()
  }
}
