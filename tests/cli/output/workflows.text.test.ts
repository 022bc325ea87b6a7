// What the terminal says of workflows that somebody ended.
import { describe, expect, test } from 'vitest'
import { describeQuestion, describeSchedules, inWords } from '../../../cli/output/describe-workflows.ts'
import { showTime } from '../../../schemas/point-in-time.ts'
import { pauseNote, readPauseNote } from '../../../workers/pause.ts'

const waiting = { candidate: 'c'.repeat(64), url: 'https://temporal/w' }
const question = (state: 'running' | 'paused' | 'terminated' | 'unknown', why = '') =>
  describeQuestion('digits', { ...waiting, question: { workflowId: 'w', runId: null, state, since: null, why } }).join(
    '\n',
  )

describe('a question', () => {
  test('that is asked has its link', () => {
    expect(question('running')).toBe('digits waits for you: https://temporal/w')
    expect(describeQuestion('digits', waiting)).toEqual(['digits waits for you: https://temporal/w'])
  })

  test('that is asked says how long', () => {
    const atMs = Date.now() + 6.5 * 24 * 3_600_000
    const asked = { workflowId: 'w', runId: 'r', state: 'running', since: null, why: '' } as const
    const expiresAt = new Date(atMs).toISOString()
    expect(describeQuestion('digits', { ...waiting, question: { ...asked, expiresAt } })).toEqual([
      `digits waits for you until ${showTime(atMs)}, in 6 days: https://temporal/w`,
    ])
  })

  test('that nobody asks says how to ask again', () => {
    const words = question('terminated', 'by ada: by mistake')
    expect(words).toContain('its workflow is terminated (by ada: by mistake)')
    expect(words).toContain('`sluice approve digits`')
    expect(question('unknown')).toContain('its workflow is not in Temporal any more')
  })

  test('that is paused says where to go on', () => {
    expect(question('paused', 'by ada')).toBe(
      'the question about cccccccccccc of digits is paused (by ada): unpause it there: https://temporal/w',
    )
  })
})

test('only paused schedules are named', () => {
  const [running, paused] = [
    { schedule: 'digits/rows-0', paused: false, note: 'moved' },
    { schedule: 'digits/cron-0', paused: true, note: 'the topic moves' },
  ] as const
  expect(describeSchedules([running, paused])).toEqual([
    'schedule digits/cron-0 is paused (the topic moves): it starts no run until somebody unpauses it in the Temporal UI',
  ])
})

test('a pipeline that a person paused is named once', () => {
  const pause = { by: 'ada', at: '2026-12-07T14:00:00.000Z', reason: 'the topic moves' }
  const note = pauseNote(pause)
  const schedules = ['cron-0', 'rows-0'].map((id) => ({ schedule: `digits/${id}`, paused: true, note, pause }))
  expect(readPauseNote(note)).toEqual(pause)
  expect(describeSchedules(schedules)).toEqual([
    'digits is paused since Mon 7 Dec 2026, 14:00 UTC, by ada: the topic moves; `sluice resume digits` starts its schedules again',
  ])
})

test.each(['', 'paused due to workflow failure: x', 'paused by ada', undefined])('%j is no note of ours', (note) => {
  expect(readPauseNote(note)).toBeNull()
})

test('a state is said with its reason', () => {
  expect(inWords({ state: 'failed', why: 'rule x failed' })).toBe('failed (rule x failed)')
  expect(inWords({ state: 'timed out', why: '' })).toBe('timed out')
})
