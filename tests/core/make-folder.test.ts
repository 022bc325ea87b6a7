// Folders that can be made, and the system's own words for those that cannot.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../core/make-folder.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-folders-'))

test('makes what is missing, once or by several at a time', async () => {
  const deep = path.join(folder, 'a', 'bä c', 'd')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep)))
  await makeFolder(deep)
  expect(existsSync(deep)).toBe(true)
})

test('a file in the way is named', async () => {
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST', path: file })
  await expect(makeFolder(path.join(file, 'below', 'it'))).rejects.toMatchObject({ code: 'EEXIST', path: file })
})

test.runIf(existsSync('/proc/self'))('below a folder that takes none it ends', { timeout: 5_000 }, async () => {
  await expect(makeFolder('/proc/none/below')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/none' })
})
