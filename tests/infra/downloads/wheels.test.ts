// Wheels are found by the index's page, in either form, and unpacked as pip would.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseWheelLock, readLock } from '../../../infra/downloads/locks.ts'
import { digestMembers } from '../../../infra/downloads/members-digest.ts'
import { chooseWheel, findWheel, type IndexedFile, parseIndexPage } from '../../../infra/downloads/package-index.ts'
import { fetchParts, rangesOf } from '../../../infra/downloads/wheel-parts.ts'
import { fetchWheel, installedPath } from '../../../infra/downloads/wheels.ts'
import { type Mirror, sha256, startMirror, zipOf } from './mirror.ts'

const NAME = 'own_thing-1.2-py3-none-any.whl'
const SMALL = Buffer.from('void f(void);\n')
const LARGE = randomBytes(1_500_000)
const WHEEL = zipOf({
  'thing/header.h': SMALL,
  'thing/unwanted.bin': randomBytes(3_000_000),
  'thing/large.so': LARGE,
  'thing/also-unwanted.bin': randomBytes(2_000_000),
  'own_thing-1.2.data/scripts/thing': Buffer.from('#!/bin/sh\n'),
})
const isWanted = (member: string) => !member.includes('unwanted')
const env = { ...process.env }
let folder: string
let mirror: Mirror

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-wheels-'))
  await serve({})
})

afterEach(() => {
  process.env = { ...env }
  mirror.close()
  rmSync(folder, { recursive: true })
})

async function serve(options: Parameters<typeof startMirror>[0]): Promise<void> {
  mirror?.close()
  mirror = await startMirror(options)
  process.env.PIP_INDEX_URL = `${mirror.url}/simple`
  delete process.env.PIP_EXTRA_INDEX_URL
  mirror.files.set('/files/x.whl', WHEEL)
  mirror.files.set(`/files/${NAME}`, WHEEL)
  const page = `<html><body><a href="../../files/${NAME}#sha256=${sha256(WHEEL)}">${NAME}</a></body></html>`
  mirror.files.set('/simple/own-thing/', Buffer.from(page))
}

const wanted = (members: Readonly<Record<string, string>> = {}) => {
  return { project: 'Own.Thing', version: '1.2', sums: [sha256(WHEEL)], members }
}
const fetching = () => {
  const base = { lock: 'none.txt', folder: path.join(folder, 'own'), what: 'a thing', kind: 'test', cacheDir: folder }
  return { ...base, say: () => {}, patienceMs: 1000, wanted: (_: string, member: string) => isWanted(member) }
}
const placed = () => ({
  header: readFileSync(path.join(folder, 'own', 'thing', 'header.h')),
  large: readFileSync(path.join(folder, 'own', 'thing', 'large.so')).equals(LARGE),
  canRun: (statSync(path.join(folder, 'own', 'bin', 'thing')).mode & 0o111) !== 0,
})
const EXPECTED = { header: SMALL, large: true, canRun: true }

/** Fetched whole once, which tells the sum of its members. */
async function membersSum(): Promise<string> {
  await fetchWheel(wanted(), fetching(), () => {})
  const sum = await digestMembers(path.join(folder, 'own'))
  rmSync(path.join(folder, 'own'), { recursive: true })
  mirror.requests.length = 0
  return sum
}

test('reads pages of HTML: relative links, bases, any quotes', () => {
  const page = 'http://index.test/simple/thing/'
  const sum = 'AB'.repeat(32)
  const text = `<a href='../../f/a-1-py3-none-any.whl#sha256=${sum}' data-x="1">a</a><A class=x HREF=b%2B1.whl>b</A><a href="http://o.test/c.whl?x=1&amp;y=2#md5=1">`
  expect(parseIndexPage(text, 'text/html', page)).toEqual([
    { name: 'a-1-py3-none-any.whl', url: 'http://index.test/f/a-1-py3-none-any.whl', sha256: sum.toLowerCase() },
    { name: 'b+1.whl', url: 'http://index.test/simple/thing/b%2B1.whl', sha256: undefined },
    { name: 'c.whl', url: 'http://o.test/c.whl?x=1&y=2', sha256: undefined },
  ])
  const [first] = parseIndexPage('<base href="/mirror/"><a href="x.whl">', 'text/html', page)
  expect(first?.url).toBe('http://index.test/mirror/x.whl')
})

test('reads pages of JSON', () => {
  const files = [
    { filename: 'a.whl', url: '../a.whl', hashes: { sha256: 'ab' } },
    { filename: 'b', url: 'http://o.test/b', hashes: {} },
  ]
  const type = 'application/vnd.pypi.simple.v1+json'
  expect(parseIndexPage(JSON.stringify({ files }), type, 'http://i.test/simple/a/')).toEqual([
    { name: 'a.whl', url: 'http://i.test/simple/a.whl', sha256: 'ab' },
    { name: 'b', url: 'http://o.test/b', sha256: undefined },
  ])
})

test('chooses by version, platform and known sums', () => {
  const file = (name: string, sum?: string): IndexedFile => ({ name, url: `http://i.test/${name}`, sha256: sum })
  const files = [
    file('a_b-1.0-py3-none-manylinux_2_17_x86_64.whl', 'other'),
    file('a_b-1.0.1-py3-none-any.whl', 'x'),
    file('a-b-1.0-py3-none-manylinux2014_aarch64.whl', 'arm'),
    file('A.B-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'),
    file('a_b-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'),
    file('a_b-1.0-py3-none-macosx_11_0_arm64.whl', 'mac'),
    file('a_b-1.0.tar.gz', 'x'),
  ]
  const want = { project: 'a-b', version: '1.0', sums: ['x', 'arm', 'mac'], members: {} }
  const chosen = (platform: string, arch: string) => chooseWheel(files, want, platform, arch)?.name
  expect(chosen('linux', 'arm64')).toBe('a-b-1.0-py3-none-manylinux2014_aarch64.whl')
  expect(chosen('linux', 'x64')).toMatch(/^a_b-1.0-cp311-/) // no sum on the page: checked when it has come
  expect(chosen('darwin', 'arm64')).toBe('a_b-1.0-py3-none-macosx_11_0_arm64.whl')
  expect(chosen('win32', 'x64')).toBeUndefined()
})

test('says which index has no such wheel', async () => {
  const want = { ...wanted(), version: '9' }
  await expect(findWheel(want, 'a thing')).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(
      /^sluice could not fetch a thing: 127.*has no wheel of Own.Thing 9 with a known sum/,
    ),
  })
})

test('asks the next index where the first has nothing', async () => {
  const other = await startMirror()
  process.env.PIP_EXTRA_INDEX_URL = process.env.PIP_INDEX_URL
  process.env.PIP_INDEX_URL = `${other.url}/simple`
  expect((await findWheel(wanted(), 'a thing')).url).toBe(`${mirror.url}/files/${NAME}`)
  other.close()
})

test('puts members where pip does', async () => {
  await fetchWheel(wanted(), fetching(), () => {})
  expect(placed()).toEqual(EXPECTED)
  expect(readdirSync(path.join(folder, 'own')).toSorted()).toEqual(['bin', 'thing'])
  expect(installedPath('a-1.data/purelib/a/b')).toBe('a/b')
})

test('fetches only what is wanted where ranges are served', async () => {
  const members = { [sha256(WHEEL)]: await membersSum() }
  let bytes = 0
  await fetchWheel(wanted(members), fetching(), (more) => {
    bytes += more
  })
  expect(placed()).toEqual(EXPECTED)
  expect(bytes).toBeLessThan(2_200_000) // of 6.5 MB
  expect(readdirSync(path.join(folder, 'downloads'))).toEqual([])
})

test('fetches the whole where ranges are not served', async () => {
  const members = { [sha256(WHEEL)]: await membersSum() }
  await serve({ ranges: false })
  await fetchWheel(wanted(members), fetching(), () => {})
  expect(placed()).toEqual(EXPECTED)
})

test('goes on within a part that was cut', async () => {
  const members = { [sha256(WHEEL)]: await membersSum() }
  await serve({ cut: { afterBytes: 500_000, times: 2 } })
  await fetchWheel(wanted(members), fetching(), () => {})
  expect(placed()).toEqual(EXPECTED)
})

test('goes on where an earlier process ended', async () => {
  const own = { ...fetching(), url: `${mirror.url}/files/x.whl`, sha256: sha256(WHEEL) }
  let left = 50_000
  const interrupted = fetchParts(
    {
      ...own,
      patienceMs: 0,
      onBytes: (bytes) => {
        left -= bytes
        if (left < 0) mirror.files.delete('/files/x.whl') // from here on 404
      },
    },
    isWanted,
  )
  await expect(interrupted).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' })
  mirror.files.set('/files/x.whl', WHEEL)
  mirror.requests.length = 0
  await fetchParts(own, isWanted)
  const tail = `bytes=${WHEEL.length - 65_557}-${WHEEL.length - 1}`
  expect(mirror.requests.map(({ range }) => range)).not.toContain(tail) // it was there
})

test('refuses members with another sum', async () => {
  const members = { [sha256(WHEEL)]: 'ab'.repeat(32) }
  await expect(fetchWheel(wanted(members), fetching(), () => {})).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
  expect(readdirSync(path.join(folder, 'own'))).toEqual([])
  expect(readdirSync(path.join(folder, 'downloads'))).toEqual([])
})

test('neighbours are one range, large ones several', () => {
  const members = [
    { headerAt: 30e6, packedBytes: 20e6 },
    { headerAt: 0, packedBytes: 1000 },
    { headerAt: 5000, packedBytes: 10 },
  ]
  const ranges = rangesOf(members, 60e6)
  expect(ranges[0]).toEqual({ start: 0, end: 5000 + 1054 + 10 })
  expect(ranges).toHaveLength(4)
  expect(ranges.at(-1)?.end).toBe(50e6 + 1054)
  expect(
    ranges.slice(1).every(({ start, end }, at, all) => end - start <= 1 << 23 && (all[at + 1]?.start ?? end) === end),
  ).toBe(true)
})

test('locks name the members of what is fetched in parts', () => {
  for (const name of ['tensorflow-cpu.txt', 'ziglang.txt']) {
    const [wheel] = parseWheelLock(readLock(name))
    const [sum = ''] = wheel?.sums ?? []
    expect(wheel?.members[sum]).toMatch(/^[0-9a-f]{64}$/)
  }
})
