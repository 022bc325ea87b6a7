// Words for people: tables, times, counts, progress, gates.

import { stripVTControlCharacters } from 'node:util'
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client'
import {
  ActivityFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from '../../../cli/exit-codes.ts'
import { describePrediction } from '../../../cli/output/describe-prediction.ts'
import { describeStage } from '../../../cli/output/describe-run.ts'
import { cutMiddle, fitWords } from '../../../cli/output/fit-columns.ts'
import { createOutput, formatCount, formatMs } from '../../../cli/output/output.ts'
import { createProgress } from '../../../cli/output/progress.ts'
import { asFailure } from '../../../cli/output/run-failure.ts'
import { FAILURES, type FailureCode, failure } from '../../../schemas/failures.ts'
import { captureStream } from '../streams.ts'

test('integers beyond 2^53 keep their digits in JSON', () => {
  const [stdout, stderr] = [captureStream(), captureStream()]
  createOutput(true, { stdout: stdout.stream, stderr: stderr.stream }).result({ row: { id: 9007199254740993n } })
  expect(stdout.text()).toBe('{"row":{"id":9007199254740993}}\n')
})

describe('table', () => {
  const tableOf = (rows: readonly Record<string, string>[]): string => {
    const [stdout, stderr] = [captureStream(), captureStream()]
    createOutput(false, { stdout: stdout.stream, stderr: stderr.stream }).table(rows)
    return stdout.text()
  }

  test('columns line up whatever is in them', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '1'), maxLength: 12 }).map((text) => `${text}.`)
    fc.assert(
      fc.property(fc.array(fc.record({ one: cell, two: cell }), { minLength: 1, maxLength: 8 }), (rows) => {
        const lines = tableOf(rows).trimEnd().split('\n')
        const start = lines[0]!.indexOf('two')
        expect(lines.length).toBe(rows.length + 1)
        for (const [i, row] of rows.entries()) expect(lines[i + 1]!.slice(start)).toBe(row.two)
      }),
    )
  })

  test('no rows are no table', () => expect(tableOf([])).toBe(''))
})

describe('numbers', () => {
  test.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [61_000, '1 min 1 s'],
    [119_700, '2 min 0 s'],
  ])('%d ms reads %s', (ms, text) => expect(formatMs(ms)).toBe(text))

  test('counts have separators', () => expect(formatCount(24_261)).toBe('24,261'))
})

describe('json mode', () => {
  test('stdout holds one document', () => {
    const [stdout, stderr] = [captureStream(), captureStream()]
    const output = createOutput(true, { stdout: stdout.stream, stderr: stderr.stream })
    output.line('for people')
    output.result({ a: 1 })
    output.error(failure('NO_CHAMPION', { pipeline: 'p' }))
    expect(stdout.text()).toBe('{"a":1}\n')
    expect(stderr.text()).toContain('for people')
    expect(stderr.text()).toContain('next: `./sluice run p`')
  })

  test('otherwise stdout is for people', () => {
    const [stdout, stderr] = [captureStream(), captureStream()]
    const output = createOutput(false, { stdout: stdout.stream, stderr: stderr.stream })
    output.line('for people')
    output.result({ a: 1 })
    expect([stdout.text(), stderr.text()]).toEqual(['for people\n', ''])
  })
})

describe('an error that nobody foresaw', () => {
  const shown = (error: unknown): string => {
    const [stdout, stderr] = [captureStream(), captureStream()]
    createOutput(false, { stdout: stdout.stream, stderr: stderr.stream }).error(error)
    return stderr.text()
  }

  test('says what and where, and is no stack', () => {
    const error = new TypeError('x is not a function')
    const at = (file: string) => `    at run (${new URL(`../../../${file}`, import.meta.url).href}:5)`
    error.stack = ['TypeError: x', at('node_modules/a/b.js:9'), at('cli/program.ts:48'), at('cli/main.ts:1')].join('\n')
    const text = shown(error)
    expect(text).toMatch(/^UNEXPECTED: TypeError: x is not a function\n {2}in cli\/program\.ts:48 < cli\/main\.ts:1\n/)
    expect(text).toContain('\nnext: ')
    expect(text).not.toMatch(/^ {4}at /m)
  })

  test('may be anything', () => {
    expect(shown('odd')).toContain('UNEXPECTED: Error: odd')
  })
})

describe('progress without a terminal', () => {
  test('the same label comes every five seconds', () => {
    const { stream, text } = captureStream()
    let nowMs = 0
    const progress = createProgress(stream, () => nowMs)
    for (; nowMs < 12_000; nowMs += 1_000) progress.update({ label: 'send', value: nowMs, total: 12_000 })
    progress.line('sent')
    expect(text()).toBe('  send: 0/12,000\n  send: 5,000/12,000\n  send: 10,000/12,000\nsent\n')
  })

  test('a label without words is no line', () => {
    const { stream, text } = captureStream()
    createProgress(stream).update({ label: 'clean', detail: '' })
    expect(text()).toBe('')
  })
})

describe('a bar', () => {
  const TO_THE_LEFT = '\u001b[1G'
  const TRAINING = '4 %, epoch 4/100, step 32/800, loss 0.1115, 8,061 examples/s, validation 0.0608 (best 0.0608)'
  const DETAIL = `${TRAINING}, a-name-as-long-as-they-come`

  test.each([200, 80, 60, 40])('of %i columns fits', (columns) => {
    const { stream, text } = captureStream()
    const terminal = Object.assign(stream, { isTTY: true, columns })
    const progress = createProgress(terminal as unknown as NodeJS.WriteStream)
    progress.update({ label: 'train', value: 32, total: 800, detail: DETAIL })
    progress.close()
    const drawn = text().split(TO_THE_LEFT).map(stripVTControlCharacters)
    expect(Math.max(...drawn.map((line) => [...line].length))).toBeLessThan(columns)
    expect(drawn.join()).toMatch(/train {5}[█░]{8,24} 4 %/)
  })

  test('leaves out first what a person can do without', () => {
    expect(fitWords(TRAINING, 80)).toBe('4 %, epoch 4/100, step 32/800, loss 0.1115, validation 0.0608 (best 0.0608)')
    expect(fitWords(TRAINING, 58)).toBe('4 %, loss 0.1115, validation 0.0608 (best 0.0608)')
    expect(fitWords(TRAINING, 40)).toBe('4 %, validation 0.0608 (best 0.0608)')
    expect(fitWords(TRAINING, 30)).toBe('4 %, validation 0.0608')
  })

  test('cuts names in the middle', () => {
    expect(cutMiddle('retrain/customers-of-the-north', 13)).toBe('retrai…-north')
    expect(cutMiddle('short', 5)).toBe('short')
  })
})

describe('exit codes', () => {
  test('every code of the catalogue has one', () => {
    const codes = Object.keys(FAILURES).map((code) => exitCodeOf(failure(code as FailureCode)))
    expect(new Set(codes)).toEqual(new Set([1, 2, 3, 4]))
    expect(exitCodeOf(new Error('unforeseen'))).toBe(1)
  })

  // docs/reference/cli.md, "Exit codes"
  test.each<[number, string, FailureCode[]]>([
    [1, 'what was tried and failed', ['LOSS_NOT_FINITE', 'RULE_FAILED', 'OBJECT_CORRUPT']],
    [2, 'a wrong command line or setting', ['CONFIG_INVALID', 'PIPELINE_UNKNOWN', 'MODEL_UNKNOWN', 'EVENTS_UNKNOWN']],
    [3, 'a decision or a request that was refused', ['DECISION_REFUSED', 'CHAMPION_CHANGED', 'REQUEST_INVALID']],
    [4, 'servers that must be there first', ['SERVERS_UNKNOWN', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE']],
    [4, 'a worker, champion or candidate', ['WORKER_MISSING', 'NO_CHAMPION', 'NOTHING_TO_DECIDE']],
  ])('%i is %s', (exit, _what, codes) => {
    expect(codes.map((code) => [code, exitCodeOf(failure(code))])).toEqual(codes.map((code) => [code, exit]))
  })
})

const run = { followed: 'the run', workflowId: 'retrain/p' }

describe('a failed run', () => {
  test('shows the failure inside the layers', () => {
    const facts = { split: 'train', expected: 10, found: 3 }
    const inner = ApplicationFailure.create({ message: 'm', type: 'TOO_FEW_ROWS', details: [facts] })
    const layer = new ActivityFailure('activity failed', 'clean', 'id', RetryState.NON_RETRYABLE_FAILURE, 'me', inner)
    const error = asFailure(new WorkflowFailedError('failed', layer, RetryState.NON_RETRYABLE_FAILURE), run)
    expect(error).toMatchObject({ code: 'TOO_FEW_ROWS', facts, message: expect.stringContaining('found 3') })
  })

  test.each([
    [new CancelledFailure('c'), 'the run', 'the run was cancelled before its end'],
    [new TerminatedFailure('t'), 'the ingest', 'the ingest was terminated before its end'],
    [new TimeoutFailure('t', undefined, TimeoutType.START_TO_CLOSE), 'the run', 'the run was ended by its time-out'],
  ])('somebody ended is told without a stack', (cause, what, words) => {
    const error = asFailure(new WorkflowFailedError('failed', cause, RetryState.NON_RETRYABLE_FAILURE), {
      ...run,
      followed: what,
    })
    expect(error).toMatchObject({ code: 'RUN_STOPPED', message: expect.stringContaining(words) })
  })

  test('what nobody foresaw says where, without a stack', () => {
    const inner = ApplicationFailure.create({ message: 'x is not a function', type: 'TypeError' })
    const layer = new ActivityFailure('Activity task failed', 'cleanSnapshot', 'id', RetryState.TIMEOUT, 'me', inner)
    const error = asFailure(new WorkflowFailedError('failed', layer, RetryState.NON_RETRYABLE_FAILURE), run)
    expect(error).toMatchObject({
      code: 'RUN_FAILED',
      message: 'the run failed in clean (cleanSnapshot): x is not a function',
    })
  })

  test.each([
    ['given up after its attempts', ApplicationFailure.create({ message: 'odd', type: 'Error' }), 'odd'],
    ['out of time', new TimeoutFailure('activity time-out', undefined, TimeoutType.START_TO_CLOSE), 'time-out'],
  ])('one that is %s may be started again', (_what, inner, words) => {
    const layer = new ActivityFailure('Activity task failed', 'trainModel', 'id', RetryState.TIMEOUT, 'me', inner)
    const error = asFailure(new WorkflowFailedError('failed', layer, RetryState.TIMEOUT), run)
    expect(error).toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining(words),
      next: expect.stringMatching(/^start it again; if it fails in the same place, report this/),
    })
  })

  test('what the catalogue lacks stays as it is', () => {
    const error = new WorkflowFailedError('failed', new Error('x'), RetryState.TIMEOUT)
    expect(asFailure(error, run)).toBe(error)
  })
})

describe('sentences', () => {
  test('a stage says why it was reused', () => {
    const line = describeStage({ stage: 'clean', reused: true, why: 'inputs unchanged', ms: 120, rows: 24_000 })
    expect(line).toBe('  clean     reused   120 ms   24,000 rows  inputs unchanged')
  })

  test('predictions are short', () => {
    expect(describePrediction({ value: '7', probabilities: { 7: 0.998, 1: 0.002 } })).toBe('7 (99.8 %)')
    expect(describePrediction({ value: false, probability: 0.1 })).toBe('false (90.0 %)')
    expect(describePrediction({ value: 2.5 })).toBe('2.5')
    expect(describePrediction({ value: 'a', next: { a: 0.6, 7: 0.3, ' ': 0.1 } })).toBe(
      '"a" 60.0 %, "7" 30.0 %, " " 10.0 %',
    )
  })
})
