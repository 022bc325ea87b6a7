// An evaluation says whether the candidate's passes run as a graph, and why.
import { expect, test } from 'vitest'
import { events } from '../../../pipelines/diagnosis/events.ts'
import definition from '../../../pipelines/diagnosis/pipeline.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { runEvaluateJob } from '../../../stages/evaluate/evaluate-job.ts'
import { runInMemory } from '../../fixtures/pipelines/run-in-memory.ts'

test('an evaluation says how it computes', async () => {
  const plan = resolvePipeline(definition)
  const quick = { ...plan, train: { ...plan.train, epochs: 1 } }
  const ran = await runInMemory({ plan: quick, events: events({ batch: 1, seed: 7 }), backend: 'cpu' })
  const { store, dataset, model } = ran
  const lines: TrainerLine[] = []
  const job = { job: 'evaluate', plan: quick, dataset, model, champion: null } as const
  await runEvaluateJob(job, { store, backend: 'cpu', emit: (line) => lines.push(line) })
  expect(lines).toMatchObject([{ type: 'started', engine: { kind: 'eager', why: 'cpu runs no graphs' } }])
}, 60_000)
