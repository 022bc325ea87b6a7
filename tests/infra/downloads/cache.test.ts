// A cached folder is there whole or not at all.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cachedFolder } from '../../../infra/downloads/cache.ts'

let cacheDir: string

beforeEach(() => {
  cacheDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-cache-'))
})

afterEach(() => rmSync(cacheDir, { recursive: true }))

const write = async (folder: string) => writeFileSync(path.join(folder, 'part'), 'whole')
const refuse = () => Promise.reject(new Error('filled twice'))

test('fills once and keeps it', async () => {
  const folder = await cachedFolder({ cacheDir, name: 'tool-1', fill: write })
  expect(readFileSync(path.join(folder, 'part'), 'utf8')).toBe('whole')
  expect(await cachedFolder({ cacheDir, name: 'tool-1', fill: refuse })).toBe(folder)
})

test('keeps nothing of a failed fill', async () => {
  const fail = async (folder: string) => {
    await write(folder)
    throw new Error('cut off')
  }
  await expect(cachedFolder({ cacheDir, name: 'tool-1', fill: fail })).rejects.toThrow('cut off')
  expect(readdirSync(cacheDir)).toEqual([])
  expect(existsSync(await cachedFolder({ cacheDir, name: 'tool-1', fill: write }))).toBe(true)
})

test('never counts what a killed process left', async () => {
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  mkdirSync(path.join(cacheDir, `tool-1.tmp${dead.pid}`))
  const folder = await cachedFolder({ cacheDir, name: 'tool-1', fill: write })
  expect(readdirSync(cacheDir)).toEqual([path.basename(folder)])
  expect(readdirSync(folder)).toEqual(['part'])
})

test('leaves the work of a live process alone', async () => {
  const live = spawn('sleep', ['60'])
  await once(live, 'spawn')
  const theirs = path.join(cacheDir, `tool-1.tmp${live.pid}`)
  mkdirSync(theirs)
  await cachedFolder({ cacheDir, name: 'tool-1', fill: write })
  expect(existsSync(theirs)).toBe(true)
  live.kill()
})

test('returns the folder that another process finished', async () => {
  const late = async (folder: string) => {
    await write(folder)
    await turn()
    mkdirSync(path.join(cacheDir, 'tool-1'))
    writeFileSync(path.join(cacheDir, 'tool-1', 'part'), 'theirs')
  }
  const folder = await cachedFolder({ cacheDir, name: 'tool-1', fill: late })
  expect(readFileSync(path.join(folder, 'part'), 'utf8')).toBe('theirs')
  expect(readdirSync(cacheDir)).toEqual(['tool-1'])
})

test('fills once when asked twice at once', async () => {
  let fills = 0
  const fill = async (folder: string) => {
    fills += 1
    await turn()
    await write(folder)
  }
  await Promise.all([1, 2, 3].map(() => cachedFolder({ cacheDir, name: 'tool-1', fill })))
  expect(fills).toBe(1)
})
