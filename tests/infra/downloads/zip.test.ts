// Members come out of an archive that Python wrote, whole or not at all.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { extractMembers } from '../../../infra/downloads/zip.ts'

const FIXTURES = path.join(import.meta.dirname, '../..', 'fixtures', 'infra')
const ARCHIVE = path.join(FIXTURES, 'wheel.zip')
const wanted = (name: string) => name.startsWith('package/')

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-zip-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const contents = () => ({
  deflated: readFileSync(path.join(folder, 'package', 'deflated.txt'), 'utf8'),
  stored: [...readFileSync(path.join(folder, 'package', 'deep', 'stored.bin'))],
  empty: readFileSync(path.join(folder, 'package', 'empty'), 'utf8'),
})

const EXPECTED = {
  deflated: 'the same line again\n'.repeat(200),
  stored: Array.from({ length: 256 }, (_, index) => index),
  empty: '',
}

test('extracts wanted members only', async () => {
  expect(await extractMembers(ARCHIVE, folder, wanted)).toBe(3)
  expect(contents()).toEqual(EXPECTED)
  expect(readdirSync(folder)).toEqual(['package'])
})

test('refuses an archive cut anywhere', async () => {
  const whole = readFileSync(ARCHIVE)
  const cut = path.join(folder, 'cut.zip')
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
      writeFileSync(cut, whole.subarray(0, length))
      await expect(extractMembers(cut, folder, wanted)).rejects.toThrow()
    }),
    { numRuns: 60 },
  )
})

test('never passes on damaged content', async () => {
  const whole = readFileSync(ARCHIVE)
  const damaged = path.join(folder, 'damaged.zip')
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(damaged, bytes)
      rmSync(path.join(folder, 'package'), { recursive: true, force: true })
      const found = await extractMembers(damaged, folder, wanted).catch(() => 0)
      // a flipped bit in a field that nobody reads, a date for example, is harmless
      if (found === 3) expect(contents()).toEqual(EXPECTED)
    }),
    { numRuns: 150 },
  )
})

test('refuses names that leave the folder', async () => {
  const escaping = path.join(FIXTURES, 'escaping.zip')
  await expect(extractMembers(escaping, folder, wanted)).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
  expect(existsSync(path.join(folder, '..', '..', 'escaped.txt'))).toBe(false)
})

test('refuses what is no archive', async () => {
  const file = path.join(folder, 'page.html')
  writeFileSync(file, '<html>proxy error</html>')
  await expect(extractMembers(file, folder, wanted)).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
})
