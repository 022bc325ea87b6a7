// The demo's set-up in a root with nothing but Node, npm, a shell and libc, with an empty cache and no network but loopback.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { ROOT_DIR } from '../../../infra/places.ts'
import { ABSENT, cannotChroot, type Inside, makeRoot, runInside } from './bare-root.ts'
import { type CachingMirror, startCachingMirror } from './caching-mirror.ts'

const why = cannotChroot()
let root: string
let mirror: CachingMirror

beforeAll(async () => {
  if (why !== undefined) return
  root = mkdtempSync(path.join(os.tmpdir(), 'sluice-bare-'))
  makeRoot(root)
  // npm's own part is the launcher's, and tested there: here its packages are linked
  execFileSync('cp', ['-al', path.join(ROOT_DIR, 'node_modules'), path.join(root, 'sluice')])
  mirror = await startCachingMirror(path.join(loadConfig().cacheDir, 'test-mirror'))
  const maven = `<mirror><mirrorOf>*</mirrorOf><url>${mirror.maven}</url></mirror>`
  mkdirSync(path.join(root, 'home', '.m2'))
  writeFileSync(path.join(root, 'home', '.m2', 'settings.xml'), `<settings><mirrors>${maven}</mirrors></settings>`)
}, 60_000)

afterAll(async () => {
  if (why !== undefined) return
  await inside('cd /sluice && ./sluice down')
  mirror.close()
  rmSync(root, { recursive: true, force: true })
})

const inside = (line: string): Promise<Inside> => runInside(root, line, { PIP_INDEX_URL: mirror.index })

test.skipIf(why !== undefined)(
  `servers and TensorFlow come without Python, Java, Go, g++${why ? ` (skipped: ${why})` : ''}`,
  { timeout: 180_000 },
  async () => {
    const found = await inside(`for p in ${ABSENT.join(' ')}; do command -v $p; done; true`)
    expect(found).toMatchObject({ code: 0, stdout: '' })

    const [native, up] = await Promise.all([
      inside('cd /sluice && ./sluice setup native'),
      inside('cd /sluice && ./sluice up --json'),
    ])
    expect(up, up.stderr).toMatchObject({ code: 0 })
    const { servers, fetchedBytes } = JSON.parse(up.stdout.trim().split('\n').at(-1) ?? '')
    expect(servers.map(({ name, running }: { name: string; running: boolean }) => [name, running])).toEqual([
      ['kafka', true],
      ['s3', true],
      ['temporal', true],
    ])
    expect(Object.keys(fetchedBytes).toSorted()).toEqual(['java', 'kafka', 's3proxy', 'temporal'])
    expect(native, native.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ready: TensorFlow .*\(cpu\)/m),
    })
    expect(native.stdout).toMatch(/^fetched 2\d\d MB: tensorflow 195 MB, compiler \d\d MB$/m) // parts of their wheels
    expect(Object.values(mirror.sent).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(450e6)
    expect(readdirSync(path.join(root, 'home', '.cache', 'sluice', 'downloads'))).toEqual([])

    const doctor = await inside('cd /sluice && ./sluice doctor')
    expect(doctor.stdout).toContain('all that is needed is there')
    expect(doctor.stdout).toMatch(/^✓ java .*in the cache/m)
    expect(existsSync(path.join(root, 'home', '.m2', 'repository'))).toBe(false)
  },
)
