// What sluice without a verb says to do next.
import { describe, expect, test } from 'vitest'
import { describeTriggers } from '../../../cli/commands/apply.ts'
import { nextStep } from '../../../cli/output/next-step.ts'
import type { Unreachable } from '../../../cli/waiting/seen.ts'
import { failure } from '../../../schemas/failures.ts'

describe('the next step', () => {
  const servers = [] as const
  test.each([
    ['no servers', { servers, ready: false, worker: false, known: 1, pipelines: [] }, 'sluice up'],
    ['no worker', { servers, ready: true, worker: false, known: 1, pipelines: [] }, 'sluice worker'],
    ['no pipeline', { servers, ready: true, worker: true, known: 0, pipelines: [] }, 'pipeline.ts'],
    ['no project', { servers, ready: false, worker: false, known: 0, pipelines: [] }, 'sluice init my-project'],
    [
      'no model',
      { servers, ready: true, worker: true, known: 1, pipelines: [{ pipeline: 'p', champion: null, waiting: [] }] },
      'sluice run p',
    ],
    [
      'a candidate waits',
      {
        servers,
        ready: true,
        worker: false,
        known: 1,
        pipelines: [{ pipeline: 'p', champion: null, waiting: [{ candidate: 'c', workflowId: 'w', url: 'u' }] }],
      },
      'sluice approve p',
    ],
    [
      'all is well',
      { servers, ready: true, worker: true, known: 1, pipelines: [{ pipeline: 'p', champion: 'c', waiting: [] }] },
      'sluice predict p',
    ],
  ])('%s has its next step', (_what, status, words) => {
    expect(nextStep({ invalid: [], ...status }).join('\n')).toContain(words)
  })
  const away = [
    { name: 'Temporal', address: 't.example:7233', why: 'connect ECONNREFUSED' },
  ] satisfies readonly Unreachable[]

  test("servers of one's own that are away are named", () => {
    const around = { unreachable: away, underWay: [] }
    const lines = nextStep({ servers, ready: false, worker: null, known: 1, pipelines: [], invalid: [], around })
    expect(lines[0]).toBe('Temporal at t.example:7233 does not answer: connect ECONNREFUSED')
    expect(lines.join()).toContain('bring back what does not answer')
    expect(lines.join()).not.toContain('no servers run')
  })

  test('files that cannot be used are no missing ones', () => {
    const invalid = [{ file: 'pipelines/a/pipeline.ts', failure: failure('PIPELINE_INVALID') }]
    const [line] = nextStep({ servers, ready: true, worker: true, known: 1, pipelines: [], invalid })
    expect(line).toBe('no pipeline here can be used. next: correct its file')
  })

  test.each([
    [null, 'a run of p is under way (train). next: `sluice run p` follows it'],
    [
      { what: 'no worker runs', next: 'start one: `sluice worker`' },
      'under way: retrain/p, train\n  waits: no worker runs\n    next: start one: `sluice worker`',
    ],
  ])('a run that is under way is said, with what it waits for', (waits, words) => {
    const around = { unreachable: [], underWay: [{ workflowId: 'retrain/p', stage: 'train', waits }] }
    const pipelines = [{ pipeline: 'p', champion: null, waiting: [] }]
    expect(nextStep({ servers, ready: true, worker: true, known: 1, pipelines, invalid: [], around }).join('\n')).toBe(
      words,
    )
  })

  test('a question that nobody asks is not announced as waiting', () => {
    const question = { workflowId: 'w', runId: null, state: 'terminated', since: null, why: '' } as const
    const waiting = [{ candidate: 'c', workflowId: 'w', url: 'http://dead', question }]
    const lines = nextStep({
      servers,
      ready: true,
      worker: true,
      known: 1,
      pipelines: [{ pipeline: 'p', champion: null, waiting }],
      invalid: [],
    })
    expect(lines.join('\n')).toMatch(/nobody asks it: its workflow is terminated\nnext: `sluice approve p`/)
    expect(lines.join()).not.toContain('http://dead')
  })
})

test('schedules are counted in English', () => {
  expect(describeTriggers(1)).toBe('1 schedule retrains it by itself')
  expect([0, 2].map(describeTriggers).join()).toMatch(/^0 schedules retrain .*2 schedules retrain/)
})
