// A download ends whole and with its sum, whatever the line, the server or an earlier process did.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchFile, type RemoteFile } from '../../../infra/downloads/fetch-file.ts'
import { fetchedBytes } from '../../../infra/downloads/tally.ts'
import { type Mirror, type MirrorOptions, sha256, startMirror } from './mirror.ts'

const BYTES = randomBytes(300_000)
const env = { ...process.env }
let folder: string
let mirrors: Mirror[]

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-fetch-'))
  mirrors = []
})

afterEach(() => {
  process.env = { ...env }
  for (const mirror of mirrors) mirror.close()
  rmSync(folder, { recursive: true })
})

async function mirrorOf(bytes: Buffer, options?: MirrorOptions): Promise<Mirror> {
  const mirror = await startMirror(options)
  mirrors.push(mirror)
  mirror.files.set('/file', bytes)
  return mirror
}

function wanted({ url }: Pick<Mirror, 'url'>, more: Partial<RemoteFile> = {}): RemoteFile {
  const file = path.join(folder, 'file')
  const base = { url: `${url}/file`, sha256: sha256(BYTES), what: 'a file', kind: 'test', file, cacheDir: folder }
  return { ...base, patienceMs: 1000, ...more }
}

const arrived = () => readFileSync(path.join(folder, 'file')).equals(BYTES)
const parts = () => readdirSync(path.join(folder, 'downloads'))

/** A pid that belonged to a process that has ended. */
const endedPid = () => spawnSync(process.execPath, ['-e', '']).pid

function leavePart(bytes: Buffer, pid = endedPid()): void {
  mkdirSync(path.join(folder, 'downloads'))
  writeFileSync(path.join(folder, 'downloads', `${sha256(BYTES)}.${pid}.part`), bytes)
}

test('fetches a file and counts it', async () => {
  const before = fetchedBytes().test ?? 0
  await fetchFile(wanted(await mirrorOf(BYTES)))
  expect(arrived()).toBe(true)
  expect(parts()).toEqual([])
  expect((fetchedBytes().test ?? 0) - before).toBe(BYTES.length)
})

test('fetches the same file to two places at once', async () => {
  const mirror = await mirrorOf(BYTES)
  const places = ['one', 'two', 'three'].map((name) => path.join(folder, name))
  await Promise.all(places.map((file) => fetchFile(wanted(mirror, { file }))))
  for (const place of places) expect(readFileSync(place).equals(BYTES)).toBe(true)
  expect(parts()).toEqual([])
})

test('goes on where connections were cut', async () => {
  const mirror = await mirrorOf(BYTES, { cut: { afterBytes: 80_000, times: 3 } })
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
  expect(mirror.requests.map(({ range }) => range)).toEqual([
    undefined,
    'bytes=80000-',
    'bytes=160000-',
    'bytes=240000-',
  ])
})

test('begins anew where there are no ranges', async () => {
  const mirror = await mirrorOf(BYTES, { ranges: false, cut: { afterBytes: 80_000, times: 2 } })
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
  expect(mirror.requests).toHaveLength(3)
})

test('goes on with the part of an ended process', async () => {
  leavePart(BYTES.subarray(0, 100_000))
  const mirror = await mirrorOf(BYTES)
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
  expect(mirror.requests.map(({ range }) => range)).toEqual(['bytes=100000-'])
  expect(parts()).toEqual([])
})

test.each([
  ['of other bytes', randomBytes(100_000)],
  ['that is too long', randomBytes(400_000)],
])('begins anew after a part %s', async (_, part) => {
  leavePart(part)
  await fetchFile(wanted(await mirrorOf(BYTES)))
  expect(arrived()).toBe(true)
})

test('asks once for a part that is whole', async () => {
  leavePart(BYTES)
  const mirror = await mirrorOf(BYTES)
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
  expect(mirror.requests.map(({ range }) => range)).toEqual(['bytes=300000-'])
})

test('leaves the part of a living process alone', async () => {
  leavePart(BYTES.subarray(0, 1000), process.ppid)
  const mirror = await mirrorOf(BYTES)
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
  expect(mirror.requests[0]?.range).toBeUndefined()
  expect(parts()).toEqual([`${sha256(BYTES)}.${process.ppid}.part`])
})

test('keeps nothing with another sum', async () => {
  const mirror = await mirrorOf(Buffer.from('<html>log in first</html>'))
  await expect(fetchFile(wanted(mirror))).rejects.toMatchObject({
    code: 'DOWNLOAD_BROKEN',
    message: expect.stringMatching(
      /a file: expected sha256 [0-9a-f]{64}, found sha256 [0-9a-f]{64} \(25 bytes from http/,
    ),
  })
  expect(existsSync(path.join(folder, 'file'))).toBe(false)
  expect(parts()).toEqual([])
})

test('tries again while a server is overloaded', async () => {
  const mirror = await mirrorOf(BYTES)
  let refusals = 2
  mirror.files.set('/file', (_, response) => {
    if (refusals-- > 0) response.writeHead(503).end()
    else response.end(BYTES)
  })
  await fetchFile(wanted(mirror))
  expect(arrived()).toBe(true)
})

test.each([
  [404, /HTTP 404 \(not there\)/],
  [401, /HTTP 401 \(wants a user and a password/],
])('believes %i at once', async (status, message) => {
  const mirror = await mirrorOf(BYTES)
  mirror.files.set('/file', (_, response) => void response.writeHead(status).end())
  await expect(fetchFile(wanted(mirror, { patienceMs: 60_000 }))).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(message),
  })
  expect(mirror.requests).toHaveLength(1)
})

test('keeps what has come when it gives up', async () => {
  const mirror = await mirrorOf(BYTES, { cut: { afterBytes: 100_000, times: 1 } })
  const first = fetchFile(wanted(mirror, { patienceMs: 0, silenceMs: 50 }))
  await expect(first).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' })
  expect(parts()).toHaveLength(1)
  await fetchFile(wanted(mirror))
  expect(mirror.requests.at(-1)?.range).toBe('bytes=100000-')
  expect(arrived()).toBe(true)
})

test('gives up a silent server', async () => {
  const mirror = await mirrorOf(BYTES)
  mirror.files.set('/file', () => {})
  await expect(fetchFile(wanted(mirror, { patienceMs: 300, silenceMs: 100 }))).rejects.toMatchObject({
    message: expect.stringMatching(/nothing came for 0.1 s/),
  })
})

test('sends no password after a redirect', async () => {
  const other = await mirrorOf(BYTES)
  const mirror = await mirrorOf(BYTES)
  const elsewhere = `${other.url}/file`
  mirror.files.set('/file', (_, response) => void response.writeHead(302, { location: elsewhere }).end())
  const url = `${mirror.url.replace('//', '//ann:secret@')}/file`
  await fetchFile(wanted(mirror, { url, headers: { authorization: 'Basic abc' } }))
  expect(mirror.requests[0]?.authorization).toBe('Basic abc')
  expect(other.requests[0]?.authorization).toBeUndefined()
})

test('shows no password in a message', async () => {
  const mirror = await mirrorOf(BYTES)
  const url = `${mirror.url.replace('//', '//ann:secret@')}/nowhere`
  const refused: Error = await fetchFile(wanted(mirror, { url })).then(
    () => new Error(),
    (error) => error,
  )
  expect(refused.message).toMatch(/127\.0\.0\.1.*HTTP 404/)
  expect(refused.message).not.toContain('secret')
  expect(mirror.requests[0]?.authorization).toBe(`Basic ${btoa('ann:secret')}`)
})

test('goes through the proxy that is set', async () => {
  const proxy = await mirrorOf(BYTES) // which serves what it is asked for, whatever the host
  process.env.HTTP_PROXY = proxy.url
  await fetchFile(wanted({ url: 'http://registry.test' }))
  expect(arrived()).toBe(true)
  expect(proxy.requests).toHaveLength(1)
})

test('names the proxy that refuses', async () => {
  const proxy = await mirrorOf(BYTES)
  process.env.HTTPS_PROXY = proxy.url.replace('127.0.0.1', 'localhost')
  await expect(fetchFile(wanted({ url: 'https://registry.test' }, { patienceMs: 0 }))).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/the proxy localhost:\d+/),
  })
})
