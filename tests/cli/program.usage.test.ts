// The command line as people and scripts meet it, without servers: help, usage errors, exit codes, JSON.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { VERBS, verbName } from '../../cli/verbs.ts'
import { sluice } from './streams.ts'

const empty = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
/** no servers, no pipelines */
const nowhere = { SLUICE_PROJECT: empty, SLUICE_CACHE: join(empty, 'cache') }
/** the pipelines of this repository, no servers */
const here = { SLUICE_PROJECT: process.cwd(), SLUICE_STATE: join(empty, 'state'), SLUICE_CACHE: join(empty, 'cache') }

describe('help', () => {
  test('the list names every verb', async () => {
    const { code, stdout } = await sluice(['--help'])
    expect(code).toBe(0)
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verbName(verb)} `, 'm'))
    expect(stdout).toContain('Exit codes: 0 ok')
  })

  test.each(VERBS.map(verbName))('%s has examples and --json', async (verb) => {
    const { code, stdout } = await sluice([verb, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--json')
    expect(stdout).toMatch(new RegExp(`Examples:\\n.*sluice ${verb}`))
  })
})

describe('usage errors', () => {
  test.each([
    [['nope']],
    [['run']],
    [['up', '--nope']],
    [['up', '--only', 'redis']],
    [['send', 'digits', '--batch', '0']],
    [['send', 'digits', '--count', 'many']],
    [['serve', '--port', '99999']],
    [['models', 'digits', '--at', 'yesterday']],
    [['models', 'digits', '--at', '2026-02-30T00:00:00Z']],
    [['predict', 'digits', '--row', '{']],
    [['predict', 'digits', '--row', '{"petal": NaN}']],
    [['predict', 'digits', '--row', '{"petal": 1, "petal": 2}']],
    [['reject', 'digits']],
    [['worker', '--queues', 'tpu']],
  ])('%j is exit code 2', async (argv) => {
    const { code, stdout, stderr } = await sluice(argv, here)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/error: /)
  })

  test.each([
    [['send', 'digits', '--count', 'many'], '--count <n>: expected a positive integer, found many'],
    [['serve', '--port', '99999'], '--port <port>: expected a port from 0 to 65535, found 99999'],
    [['generate', 'textgen', '--top-p', '2'], '--top-p: expected a number > 0 and ≤ 1, found 2'],
    [['generate', 'textgen', '--max-tokens', '0'], '--max-tokens: expected an integer ≥ 1 and ≤ 4096, found 0'],
    [['predict', 'digits', '--row', '{'], '--row: expected'],
    [['rejects', 'digits', 'replay'], 'expected replay before the pipeline: `./sluice rejects replay digits`'],
    [['rejects', 'digits', 'spam'], 'expected one pipeline, found spam too'],
  ])('%j names what is wrong', async (argv, words) => {
    const { code, stderr } = await sluice(argv, here)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${words}`)])
  })

  test('the version names Node', async () => {
    const { code, stdout } = await sluice(['--version'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^sluice \d+\.\d+\.\d+, Node \d+.*\n$/)])
    expect((await sluice(['-V'])).stdout).toBe(stdout)
  })

  test('as JSON they are one document', async () => {
    const { code, stdout } = await sluice(['run', '--json'], here)
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'USAGE', message: expect.stringContaining('pipeline') } })
  })
})

describe('what is missing', () => {
  test.each([
    [['apply', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['send', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['run', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['approve', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['models', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['predict', 'digits'], 'SERVERS_UNKNOWN', 4],
    [['serve'], 'SERVERS_UNKNOWN', 4],
    [['worker'], 'SERVERS_UNKNOWN', 4],
    [['apply', 'digit'], 'PIPELINE_UNKNOWN', 2],
    [['models', 'digit'], 'PIPELINE_UNKNOWN', 2],
  ])('%j names it and what to do', async (argv, failure, exitCode) => {
    const { code, stdout, stderr } = await sluice([...argv, '--json'], here)
    expect(code).toBe(exitCode)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: failure,
        message: expect.any(String),
        next: expect.any(String),
        facts: expect.any(Object),
      },
    })
    expect(stderr).toMatch(/next: /)
  })

  test('a name that is nearly right is guessed', async () => {
    expect((await sluice(['models', 'digit'], here)).stderr).toContain('; did you mean digits?')
    expect((await sluice(['modles', 'digits'], here)).stderr).toContain('Did you mean models?')
    expect((await sluice(['send', 'digits', '--coutn', '3'], here)).stderr).toContain('Did you mean --count?')
  })

  test('a wrong setting is a usage error', async () => {
    const { code, stderr } = await sluice(['status'], { ...nowhere, SLUICE_SERVE_TOKEN: 'short' })
    expect(code).toBe(2)
    expect(stderr).toContain('SLUICE_SERVE_TOKEN')
    expect(stderr).not.toContain('short')
  })

  test('status without servers is not ready', async () => {
    const { code, stdout } = await sluice(['status', '--json'], nowhere)
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ ready: false, worker: false, pipelines: [] })
  })

  test('nothing at all says what comes next', async () => {
    const { code, stdout } = await sluice([], nowhere)
    expect(code).toBe(0)
    expect(stdout).toContain('`./sluice init my-project`')
  })
})

describe('fresh', () => {
  test('servers of ones own are not deleted', async () => {
    const own = {
      SLUICE_KAFKA_BROKERS: '127.0.0.1:1',
      SLUICE_TEMPORAL_ADDRESS: '127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    }
    const { code, stderr } = await sluice(['demo', '--fresh'], { ...here, ...own })
    expect(code).toBe(2)
    expect(stderr).toContain('servers of your own')
  })
})
