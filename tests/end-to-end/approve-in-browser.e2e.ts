// The main job with a person in it: events become a model that somebody approves in the Temporal UI, in a real browser.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SystemStatus } from '../../cli/commands/status.ts'
import { events } from '../../pipelines/diagnosis/events.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { type Approver, openApprover } from './browser.ts'
import { openStack, type Stack } from './stack.ts'

const executablePath = process.env.CHROMIUM
if (executablePath === undefined) console.warn('SKIPPED: no browser; `npm test` looks for one and says why it has none')

interface PredictAnswer {
  readonly model: string
  readonly predictions: readonly { readonly value: boolean; readonly probability: number }[]
}

let stack: Stack
let approver: Approver
let run: RetrainResult

beforeAll(async () => {
  if (executablePath === undefined) return
  stack = await openStack({ name: 'approve' })
  await expectOk(['apply', 'diagnosis'])
  await expectOk(['send', 'diagnosis'])
  stack.start(['worker'])
  run = (await expectOk(['run', 'diagnosis'])) as RetrainResult
  approver = await openApprover({ executablePath })
})

afterAll(async () => {
  await approver?.close()
  await stack?.close()
})

test.skipIf(executablePath === undefined)('a person approves in the browser', async () => {
  const digest = run.candidate?.digest ?? ''
  expect(run).toMatchObject({ outcome: 'waiting for approval', promotion: `promote/diagnosis/${digest}` })
  const page = await approver.read(await linkTo('diagnosis'))
  for (const words of ['auc', digest.slice(0, 12), '"decision": "approve"']) expect(page).toContain(words)

  const stale = await approver.decide({ decision: 'approve', reason: 'hurry', candidateDigest: '0'.repeat(64) })
  expect(stale).toContain('stale approval')
  expect(await championOf('diagnosis')).toBeNull()

  expect(
    await approver.decide({ decision: 'approve', reason: 'looks good', candidateDigest: digest, by: 'ada' }),
  ).toBeNull()
  await stack.client.workflow.getHandle(run.promotion!).result()
  expect(await championOf('diagnosis')).toBe(digest)
})

test.skipIf(executablePath === undefined)('the approved model answers over HTTP', async () => {
  const { predictions, model } = await askOverHttp()
  expect(model).toBe(run.candidate?.digest)
  expect(predictions[0]?.probability).toBeGreaterThan(0.5)
})

/** Asks about the first malignant case of the data. */
async function askOverHttp(): Promise<PredictAnswer> {
  const url = await stack.serve(['diagnosis'])
  const response = await fetch(`${url}/diagnosis`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: firstMalignantCase(),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as PredictAnswer
}

function firstMalignantCase(): string {
  const messages = [...events({ batch: 1, seed: 7 })].map(({ value }) => String(value))
  return messages.find((message) => message.includes('"malignant":true'))!
}

/** What `sluice status` prints: the page with the question, without a click. */
async function linkTo(pipeline: string): Promise<string> {
  const { pipelines } = (await expectOk(['status'])) as SystemStatus
  return pipelines.find((each) => each.pipeline === pipeline)!.waiting[0]!.url
}

async function championOf(pipeline: string): Promise<string | null> {
  return ((await expectOk(['models', pipeline])) as { champion: string | null }).champion
}

async function expectOk(args: readonly string[]): Promise<unknown> {
  const { code, json, text } = await stack.sluice(args)
  expect(code, text).toBe(0)
  return json
}
