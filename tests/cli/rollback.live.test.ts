// A bad night on real servers: two models are approved, the second is rolled back, by the command and with its worker killed.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openTemporal } from '../../cli/temporal-connection.ts'
import { loadConfig } from '../../core/config.ts'
import { readLedger } from '../../lake/ledger.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import { MAIN_QUEUE, objectKey } from '../../schemas/ids.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { spawnCommand } from './live-command.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let worker: LiveWorker
let store: S3Store
beforeAll(async () => {
  const endpoints = inject('endpoints')
  project = await temporaryProject(endpoints)
  store = openS3Store({ ...endpoints.s3, bucket: project.env.SLUICE_S3_BUCKET! })
  worker = spawnWorker(project.env)
  await worker.ready
})
afterAll(async () => {
  store.close()
  project.remove()
  await worker.stop()
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)
const entries = async () => (await readLedger(store, 'pears')).entries

/** → its digest */
async function approveNext(seed: number): Promise<string> {
  const file = join(project.directory, 'pipelines', 'pears', 'pipeline.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/seed: \d+/, `seed: ${seed}`))
  // a process of its own: this one keeps the file as it first was
  const run = spawnCommand(['run', 'pears', '--json'], project.env)
  await run.ended
  const { candidate } = JSON.parse(/^\{"pipeline".*$/m.exec(run.text())![0]) as RetrainResult
  expect(await json('approve', 'pears', '--reason', 'sweet')).toMatchObject({ code: 0 })
  return candidate!.digest
}

test('a bad night', { timeout: 240_000 }, async () => {
  await json('apply', 'pears')
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(600))
  await json('send', 'pears', '--file', file)
  const first = await approveNext(1)
  expect(await json('rollback', 'pears', '--reason', 'x')).toMatchObject({
    code: 3,
    answer: { error: { code: 'ROLLBACK_REFUSED', message: expect.stringContaining('it is the first') } },
  })
  const second = await approveNext(2)

  expect((await sluice(['rollback', 'pears'], project.env)).code).toBe(2)
  const rolledBack = await json('rollback', 'pears', '--reason', 'sour since noon', '--by', 'ada')
  expect(rolledBack, rolledBack.stderr).toMatchObject({
    code: 0,
    answer: { state: 'rolled back', model: first, replaces: second, by: 'ada', evidence: { verdict: 'PASS' } },
  })
  expect(rolledBack.stderr).toContain(`back from ${second.slice(0, 12)} to ${first.slice(0, 12)}`)
  expect((await entries()).at(-1)?.change).toMatchObject({ kind: 'rolledBack', identity: 'stated', by: 'ada' })
  const told = `rolled back from ${second.slice(0, 12)} by ada: sour since noon`
  expect((await sluice(['models', 'pears'], project.env)).stdout).toContain(`champion: ${first} (${told})`)
  expect((await sluice(['status'], project.env)).stdout).toContain(`pears was ${told}`)
  expect((await json('predict', 'pears')).answer).toMatchObject({ model: first })

  const again = spawnCommand(['run', 'pears'], project.env)
  await again.ended
  expect(again.text()).toContain('outcome: already decided: it was live, and rolled back by ada')
  expect(again.text()).toContain(`sluice rollback pears --to ${second.slice(0, 12)}`)

  await backWithItsWorkerKilled(second)
  await refusesWhatIsBroken(second)
})

async function backWithItsWorkerKilled(second: string): Promise<void> {
  const { client, close } = await openTemporal(loadConfig(project.env).endpoints!.temporal)
  const before = (await entries()).length
  const command = spawnCommand(['rollback', 'pears', '--to', second, '--reason', 'it was right', '--json'], project.env)
  const handle = client.workflow.getHandle(`rollback/pears/${second}`)
  const checks = async () => (await handle.describe().catch(() => null))?.raw.pendingActivities?.length ?? 0
  await expect.poll(checks, { timeout: 30_000, interval: 20 }).toBe(1)
  worker.child.kill('SIGKILL')
  await once(worker.child, 'exit')
  expect((await entries()).length).toBe(before)
  worker = spawnWorker(project.env)
  const [code] = await command.ended
  expect(code, command.text()).toBe(0)
  expect((await entries()).slice(before).map(({ change }) => [change.kind, change.model])).toEqual([
    ['rolledBack', second],
  ])
  // as in the UI, which knows nothing of plans: the worker has the pipeline's file
  const input = { pipeline: 'pears', reason: 'sour after all', by: 'bo' }
  const options = { workflowId: 'rollback/pears', taskQueue: MAIN_QUEUE, args: [input] }
  const ui = await client.workflow.execute('rollback', options)
  expect(ui).toMatchObject({ state: 'rolled back', replaces: second, by: 'bo' })
  await close()
}

async function refusesWhatIsBroken(model: string): Promise<void> {
  const before = await entries()
  const card = objectKey('models', model, 'json')
  const { weights } = JSON.parse(new TextDecoder().decode((await store.get(card))!)) as { weights: { key: string } }
  await store.delete(weights.key)
  expect(await json('rollback', 'pears', '--to', model, '--reason', 'x')).toMatchObject({
    code: 1,
    answer: { error: { code: 'OBJECT_MISSING', facts: { key: weights.key } } },
  })
  expect(await entries()).toEqual(before)
}
