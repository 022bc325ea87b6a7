// Files that are whole whenever somebody looks.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putWholeFile, writeWholeFile } from '../../core/whole-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-whole-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the old content stays while the new is made', async () => {
  const file = join(folder, 'sums.json')
  await writeWholeFile(file, 'old')
  await putWholeFile(file, async (unfinished) => {
    writeFileSync(unfinished, 'ne')
    expect(readFileSync(file, 'utf8')).toBe('old')
    writeFileSync(unfinished, 'new')
  })
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['sums.json'])
})

test('a file that could not be made is absent', async () => {
  const file = join(folder, 'addon.node')
  const make = async (unfinished: string) => {
    writeFileSync(unfinished, 'half')
    throw new Error('full')
  }
  await expect(putWholeFile(file, make)).rejects.toThrow('full')
  expect(existsSync(file)).toBe(false)
})
