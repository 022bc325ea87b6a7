// sluice pause and resume on a real Temporal server: schedules stop, also those of a later apply, and everybody is told why.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openTemporal } from '../../cli/temporal-connection.ts'
import { loadConfig } from '../../core/config.ts'
import { spawnCommand } from './live-command.ts'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let client: Client
let close: () => Promise<void>
beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  ;({ client, close } = await openTemporal(loadConfig(project.env).endpoints!.temporal))
})
afterAll(async () => {
  await close()
  project.remove()
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)
const file = () => join(project.directory, 'pipelines', 'pears', 'pipeline.ts')

/** In a process of its own: this one keeps the file as it first was. */
async function applyWith(retrain: string): Promise<string> {
  const text = readFileSync(file(), 'utf8')
  writeFileSync(
    file(),
    text.replace(/retrain: \[.*\]/, `retrain: [${retrain}]`).replace(/\bsplit \} from/, 'split, when } from'),
  )
  const command = spawnCommand(['apply', 'pears'], project.env)
  const [code] = await command.ended
  expect(code, command.text()).toBe(0)
  return command.text()
}

async function states(): Promise<Record<string, boolean>> {
  const found: Record<string, boolean> = {}
  for (const id of ['cron-0', 'cron-1', 'rows-0']) {
    const described = await client.schedule
      .getHandle(`pears/${id}`)
      .describe()
      .catch(() => null)
    if (described !== null) found[id] = described.state.paused
  }
  return found
}

const YEARLY = "when.cron('0 5 1 1 *', 'UTC')"

test('a pipeline without schedules cannot be paused', async () => {
  expect(await json('pause', 'pears', '--reason', 'x')).toMatchObject({
    code: 4,
    answer: { error: { code: 'PIPELINE_UNSCHEDULED' } },
  })
  expect(await json('pause', 'pear', '--reason', 'x')).toMatchObject({
    answer: { error: { code: 'PIPELINE_UNKNOWN', message: expect.stringContaining('did you mean pears') } },
  })
  expect((await sluice(['pause', 'pears'], project.env)).code).toBe(2)
})

test('a pause stands until somebody resumes', { timeout: 60_000 }, async () => {
  await applyWith(`${YEARLY}, when.rows(1_000_000)`)
  expect(await states()).toEqual({ 'cron-0': false, 'rows-0': false })
  const paused = await json('pause', 'pears', '--reason', 'the topic moves', '--by', 'ada')
  expect(paused.answer).toMatchObject({
    schedules: ['pears/cron-0', 'pears/rows-0'],
    pause: { by: 'ada', reason: 'the topic moves' },
    changed: true,
    underWay: null,
  })
  expect(await states()).toEqual({ 'cron-0': true, 'rows-0': true })
  const told = expect.stringMatching(/pears is paused since .+ UTC, by ada: the topic moves/)
  expect((await sluice(['status'], project.env)).stdout).toEqual(told)

  // one goes, one comes: the pause is of the pipeline
  expect(await applyWith(`${YEARLY}, ${YEARLY}`)).toEqual(told)
  expect(await states()).toEqual({ 'cron-0': true, 'cron-1': true })
  expect((await json('pause', 'pears', '--reason', 'me too', '--by', 'bo')).answer).toMatchObject({
    changed: false,
    pause: { by: 'ada', reason: 'the topic moves' },
  })
  expect((await json('run', 'pears', '--detach')).stderr).toEqual(told)
  expect((await json('pause', 'pears', '--reason', 'x')).answer).toMatchObject({ underWay: 'retrain/pears' })
  await client.workflow.getHandle('retrain/pears').terminate()

  expect((await json('resume', 'pears', '--by', 'bo')).answer).toMatchObject({
    resumed: [
      { schedule: 'pears/cron-0', note: expect.stringContaining('paused by ada') },
      { schedule: 'pears/cron-1' },
    ],
  })
  expect(await states()).toEqual({ 'cron-0': false, 'cron-1': false })
  expect((await sluice(['resume', 'pears'], project.env)).stdout).toContain('pears was not paused')
})

test('without its file a pipeline can be paused', async () => {
  rmSync(file())
  expect(await json('pause', 'pears', '--reason', 'its file is gone')).toMatchObject({
    code: 0,
    answer: { changed: true },
  })
  expect(await states()).toEqual({ 'cron-0': true, 'cron-1': true })
})
