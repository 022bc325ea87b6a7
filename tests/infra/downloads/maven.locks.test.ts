// Jars count only when they are exactly the locked ones.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkJars } from '../../../infra/downloads/jars.ts'
import { LOCKS_DIR, parseLock } from '../../../infra/downloads/locks.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'

const JARS = { 'a.jar': Buffer.from('first jar'), 'b.jar': Buffer.from('second jar') }
const LOCK = Object.entries(JARS)
  .map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} org/x/1/${name}\n`)
  .join('')

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-jars-'))
  for (const [name, bytes] of Object.entries(JARS)) writeFileSync(path.join(folder, name), bytes)
})

afterEach(() => rmSync(folder, { recursive: true }))

test('accepts exactly the locked jars', async () => {
  await checkJars(folder, parseLock(LOCK))
})

test('refuses a jar with any bit flipped', async () => {
  const bits = JARS['b.jar'].length * 8
  await fc.assert(
    fc.asyncProperty(fc.nat(bits - 1), async (bit) => {
      const bytes = Buffer.from(JARS['b.jar'])
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(path.join(folder, 'b.jar'), bytes)
      await expect(checkJars(folder, parseLock(LOCK))).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
    }),
    { numRuns: 40 },
  )
})

test('refuses a jar that was cut off', async () => {
  writeFileSync(path.join(folder, 'b.jar'), JARS['b.jar'].subarray(0, 4))
  await expect(checkJars(folder, parseLock(LOCK))).rejects.toThrow('b.jar')
})

test('refuses a missing jar', async () => {
  unlinkSync(path.join(folder, 'a.jar'))
  await expect(checkJars(folder, parseLock(LOCK))).rejects.toThrow(/a\.jar.*expected present, found absent/)
})

test('refuses a jar that nobody locked', async () => {
  writeFileSync(path.join(folder, 'c.jar'), 'stranger')
  await expect(checkJars(folder, parseLock(LOCK))).rejects.toThrow(/c\.jar.*expected absent, found present/)
})

test('locks 45 jars of the pinned version', () => {
  const jars = parseLock(readFileSync(path.join(LOCKS_DIR, `kafka-${VERSIONS.kafka}.lock`), 'utf8'))
  expect(jars).toHaveLength(45)
  expect(jars.every(({ sha256, bytes }) => /^[0-9a-f]{64}$/.test(sha256) && bytes > 0)).toBe(true)
  expect(jars.map(({ name }) => name)).toContain(`kafka_2.13-${VERSIONS.kafka}.jar`)
})
