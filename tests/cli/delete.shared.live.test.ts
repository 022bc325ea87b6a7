// What others need stays when a pipeline is deleted with its data: also what they came to need after it was listed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { deletePipeline, lookAtDeletion } from '../../cli/delete-pipeline.ts'
import { openTemporal } from '../../cli/temporal-connection.ts'
import { loadConfig } from '../../core/config.ts'
import { putObject } from '../../lake/store/objects.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import { sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let store: S3Store
beforeAll(async () => {
  const endpoints = inject('endpoints')
  project = await temporaryProject(endpoints)
  store = openS3Store({ ...endpoints.s3, bucket: project.env.SLUICE_S3_BUCKET! })
  await store.ensureBucket()
})
afterAll(() => {
  store.close()
  project.remove()
})

const who = { by: 'ada', reason: 'unused' }
const bytes = (text: string) => Buffer.from(text)
const json = (...argv: string[]) => sluiceJson(argv, project.env)

/** A stage record that leads to a part: → the part's key. */
async function part(pipeline: string, text: string): Promise<string> {
  const { key, sha256 } = await putObject(store, { kind: 'parts', extension: 'arrow', bytes: bytes(text) })
  await store.putIfAbsent(`stages/${pipeline}/clean/${text}.json`, bytes(JSON.stringify({ output: sha256 })))
  return key
}

const isThere = async (key: string) => (await store.get(key)) !== undefined

test('what another pipeline came to need meanwhile stays', async () => {
  const config = loadConfig(project.env)
  const [own, shared] = [await part('pears', 'own'), await part('pears', 'shared')]
  const deletion = await lookAtDeletion(config, 'pears', true)
  expect(deletion.data?.groups.flatMap(({ objects }) => objects.map(({ key }) => key))).toContain(shared)
  await part('plums', 'shared') // while a person reads the list
  const gone = await deletePipeline(config, deletion, who)
  expect(gone?.groups.flatMap(({ objects }) => objects.map(({ key }) => key))).not.toContain(shared)
  expect([await isThere(own), await isThere(shared)]).toEqual([false, true])
})

test('a run that began meanwhile keeps everything', async () => {
  const config = loadConfig(project.env)
  const own = await part('pears', 'kept')
  const deletion = await lookAtDeletion(config, 'pears', true)
  const { client, close } = await openTemporal(config.endpoints!.temporal)
  const options = { workflowId: 'retrain/plums', taskQueue: 'nobody-works-here', args: [] }
  const run = await client.workflow.start('retrain', options)
  const busy = { answer: { error: { code: 'COLLECT_BUSY', facts: { workflows: 'retrain/plums' } } }, code: 4 }
  await expect.poll(() => json('delete', 'pears', '--data', '--yes', '--reason', 'x')).toMatchObject(busy)
  await expect(deletePipeline(config, deletion, who)).rejects.toMatchObject({ code: 'COLLECT_BUSY' })
  expect(await isThere(own)).toBe(true)
  await run.terminate()
  await close()
})

test('a file that does not say what it reads keeps everything', async () => {
  const own = await part('pears', 'read')
  const folder = join(project.directory, 'pipelines', 'broken')
  mkdirSync(folder)
  writeFileSync(join(folder, 'pipeline.ts'), '// half of a pipeline\n')
  const refused = await json('delete', 'pears', '--data', '--yes', '--reason', 'x')
  expect(refused).toMatchObject({
    code: 4,
    answer: { error: { code: 'READERS_UNKNOWN', message: expect.stringContaining('pipelines/broken/pipeline.ts') } },
  })
  expect(await isThere(own)).toBe(true)
  rmSync(folder, { recursive: true })
})

test('of two deletions at once both end well', async () => {
  const config = loadConfig(project.env)
  const own = await part('pears', 'twice')
  const { client, close } = await openTemporal(config.endpoints!.temporal)
  const ids = Array.from({ length: 5 }, (_, index) => `pears/rows-${index}`)
  const action = { type: 'startWorkflow', workflowType: 'trigger', taskQueue: 'nobody-works-here', args: [] } as const
  for (const scheduleId of ids)
    await client.schedule.create({ scheduleId, action, spec: { intervals: [{ every: '1 day' }] } })
  const deletion = await lookAtDeletion(config, 'pears', true)
  expect(deletion.schedules).toEqual(ids)
  await Promise.all([deletePipeline(config, deletion, who), deletePipeline(config, deletion, who)])
  expect((await lookAtDeletion(config, 'pears', true)).schedules).toEqual([])
  expect(await isThere(own)).toBe(false)
  await close()
})
