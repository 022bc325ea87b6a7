// Recorded runs, replayed with today's workflow code: a change that would break runs in flight fails here.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { SOURCE_DIR } from '../../workers/code/fingerprint.ts'

const HISTORIES = path.join(SOURCE_DIR, 'tests', 'histories')
const names = readdirSync(HISTORIES)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))

let codePath: string
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } })
  codePath = await workflowBundle(loadConfig().cacheDir)
}, 60_000)

function history(name: string): object {
  return JSON.parse(readFileSync(path.join(HISTORIES, `${name}.json`), 'utf8')) as object
}

test('every outcome is recorded', () => {
  const outcomes = ['waiting', 'nothing-to-learn-from', 'gates-failed', 'nothing-new', 'already-decided', 'successor']
  const states = ['open', 'approved', 'rejected', 'expired', 'superseded', 'outdated']
  const expected = [...outcomes.map((name) => `retrain-${name}`), ...states.map((name) => `promote-${name}`)]
  expected.push('ingest', 'ingest-accepts-loss')
  // as runs are recorded since questions are put once: the others began before
  expected.push('retrain-asked', 'promote-decided', 'promote-withdrawn', 'promote-ended-before')
  // as questions are asked since they are judged again when the champion changes
  expected.push('rollback-done', 'rollback-chosen', 'rollback-refused', 'promote-judged-again', 'promote-better')
  expect(names).toEqual(expect.arrayContaining(expected))
})

test.each(names)('%s replays', async (name) => {
  await Worker.runReplayHistory({ workflowBundle: { codePath } }, history(name), name)
})

const copy = mkdtempSync(path.join(tmpdir(), 'sluice-changed-'))
afterAll(() => rmSync(copy, { recursive: true }))

test('a changed order of activities is caught', async () => {
  symlinkSync(path.join(SOURCE_DIR, 'node_modules'), path.join(copy, 'node_modules'))
  for (const folder of ['workflows', 'schemas'])
    cpSync(path.join(SOURCE_DIR, folder), path.join(copy, folder), { recursive: true })
  const file = path.join(copy, 'workflows', 'retrain.ts')
  const text = readFileSync(file, 'utf8')
  const changed = text.replace(
    'const { champion, last, decided } =',
    'await brief.countNewRows({ plan })\n  const { champion, last, decided } =',
  )
  expect(changed).not.toBe(text)
  writeFileSync(file, changed)
  const bundle = await bundleWorkflowCode({
    workflowsPath: path.join(copy, 'workflows', 'index.ts'),
    logger: new DefaultLogger('ERROR'),
  })
  const replay = Worker.runReplayHistory({ workflowBundle: bundle }, history('retrain-waiting'), 'retrain-waiting')
  await expect(replay).rejects.toMatchObject({ name: 'DeterminismViolationError' })
}, 60_000)
