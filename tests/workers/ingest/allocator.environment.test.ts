// What a worker process starts with, so that it gives freed memory back at once.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROOT_DIR } from '../../../infra/places.ts'
import { allocatorVariables, WORKER_NODE_FLAGS, withoutAllocator } from '../../../workers/ingest/allocator.ts'
import { fakePrograms } from '../../infra/programs.ts'

/** glibc's, see mallopt(3): one pool, and buffers above 128 KiB straight from and to the kernel */
const SETTINGS = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }
const environments = fc.dictionary(fc.constantFrom(...Object.keys(SETTINGS), 'PATH', 'HOME'), fc.string())

test('what was added can be taken back', () => {
  fc.assert(
    fc.property(environments, (env) => {
      expect(withoutAllocator({ ...env, ...allocatorVariables(env) })).toEqual({ ...env })
    }),
  )
})

test('a started environment has every setting', () => {
  fc.assert(
    fc.property(environments, (env) => {
      expect({ ...env, ...allocatorVariables(env) }).toMatchObject({ ...SETTINGS, ...env })
    }),
  )
})

/** A Node that fits and prints how it was called. */
const PRINTING = `case "$1" in -e) exit 0 ;; esac
echo "ARGUMENTS=$*"
/usr/bin/env`

/** What the launcher hands to Node, by /bin/sh. */
function launched(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const programs = fakePrograms({ node: PRINTING })
  const { stdout } = spawnSync('/bin/sh', [path.join(ROOT_DIR, 'sluice'), ...args], {
    encoding: 'utf8',
    env: { ...env, PATH: `${programs}:${process.env.PATH}`, SLUICE_NODE: path.join(programs, 'node') },
  })
  rmSync(programs, { recursive: true })
  const lines = stdout.split('\n').map((line): [string, string] => {
    const at = line.indexOf('=')
    return [line.slice(0, at), line.slice(at + 1)]
  })
  return Object.fromEntries(lines)
}

test('the launcher sets the same for a worker', () => {
  const { ARGUMENTS, ...env } = launched(['worker', '--queues', 'main'])
  expect(env).toMatchObject(allocatorVariables({}))
  for (const flag of WORKER_NODE_FLAGS) expect(ARGUMENTS?.split(' ')).toContain(flag)
})

test('the launcher leaves what the user set', () => {
  const own = { MALLOC_ARENA_MAX: '7' }
  expect(launched(['worker'], own)).toMatchObject({ ...own, ...allocatorVariables(own) })
})

test('the launcher sets nothing for other verbs', () => {
  const env = launched(['status', '--json'])
  expect(Object.keys(env).filter((name) => /ALLOC/.test(name))).toEqual([])
  expect(env.ARGUMENTS).not.toContain('semi-space')
})
