// The launcher finds or fetches a fitting Node, and says what to do where it cannot. Run by /bin/sh, whichever that is.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT_DIR } from '../../infra/places.ts'
import { fakePrograms } from './programs.ts'

const SCRIPT = path.join(ROOT_DIR, 'infra', 'with-node.sh')
/** A node on the PATH that gives itself out for this version. */
const nodeOf = (version: string) =>
  `case "$1" in
  --version) echo v${version} ;;
  -e) exec '${process.execPath}' -e "Object.defineProperty(process, 'versions', { value: { node: '${version}' } });$2" ;;
  *) exec '${process.execPath}' "$@" ;;
esac`
const OLD_NODE = nodeOf('20.20.2')

let cacheDir: string
const cleanUp: string[] = []

beforeEach(() => {
  cacheDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-cache-'))
  cleanUp.push(cacheDir)
})

afterEach(() => {
  for (const folder of cleanUp.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs the launcher with these programs and the system's basic ones, but no other Node or npm. */
function withNode(programs: Readonly<Record<string, string>>, args: readonly string[], env = {}) {
  const basic = fakePrograms(
    Object.fromEntries(
      ['dirname', 'uname', 'rm', 'mkdir', 'mv', 'cmp', 'cp', 'chmod', 'cat'].map((name) => [
        name,
        `exec /bin/${name} "$@"`,
      ]),
    ),
  )
  const own = fakePrograms(programs)
  cleanUp.push(basic, own)
  const { status, stdout, stderr } = spawnSync('/bin/sh', [SCRIPT, ...args], {
    encoding: 'utf8',
    env: { PATH: `${own}:${basic}`, HOME: cacheDir, SLUICE_CACHE: cacheDir, ...env },
  })
  return { status, stdout, stderr }
}

/** An npm that "installs" the Node that the lock file in this folder pins: a script that starts this test's own. */
const fetchingNpm = (script: string) => `
package=$(cat package.json)
package=\${package#*node-}
package=node-\${package%%[!a-z0-9-]*}
case "$(cat package-lock.json)" in *'"integrity":"sha512-'*) ;; *) exit 1 ;; esac
bin="node_modules/$package/bin"
mkdir -p "$bin"
cat > "$bin/node" <<'NODE'
#!/bin/sh
${script}
NODE
chmod +x "$bin/node"`

test('runs a script and passes its exit code', () => {
  const result = withNode({}, ['infra/places.ts'], { SLUICE_NODE: process.execPath })
  expect(result).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('asks for Node when nothing can fetch it', () => {
  const { status, stderr } = withNode({ node: OLD_NODE }, ['infra/places.ts'])
  expect(status).toBe(1)
  expect(stderr).toContain('needs Node >= 22.18 (24 LTS is best), found v20.20.2; install it')
})

test.each([
  ['22.17.1', false],
  ['22.18.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
  ['26.1.0', true],
])('Node %s fits: %s', (version, fits) => {
  const { status, stderr } = withNode({ node: nodeOf(version) }, ['infra/places.ts'])
  expect([status, stderr.includes('needs Node')]).toEqual(fits ? [0, false] : [1, true])
})

test('says that no Node is there at all', () => {
  expect(withNode({}, ['infra/places.ts']).stderr).toContain('found none')
})

test('keeps nothing of a failed download', () => {
  const { status, stderr } = withNode({ node: OLD_NODE, npm: 'echo "npm error 503" >&2; exit 1' }, ['infra/places.ts'])
  expect(status).toBe(1)
  expect(stderr).toContain('could not fetch Node: check the network')
  expect(readdirSync(cacheDir)).toEqual([])
})

test('fetches Node once and goes on with it', () => {
  const npm = fetchingNpm(`exec '${process.execPath}' "$@"`)
  const first = withNode({ node: OLD_NODE, npm }, ['infra/places.ts'])
  expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/^sluice: fetching Node 24[^\n]*\n$/) })
  expect(readdirSync(cacheDir)).toEqual([expect.stringMatching(/^node-24/)])
  expect(withNode({ node: OLD_NODE, npm: 'exit 1' }, ['infra/places.ts'])).toMatchObject({ status: 0, stderr: '' })
})

test('refuses a fetched Node that does not run', () => {
  const { status, stderr } = withNode({ npm: fetchingNpm('exit 127') }, ['infra/places.ts'])
  expect(status).toBe(1)
  expect(stderr).toContain('does not run on this system')
  expect(readdirSync(cacheDir)).toEqual([])
})

test('refuses an unfit SLUICE_NODE', () => {
  const { status, stderr } = withNode({}, ['infra/places.ts'], { SLUICE_NODE: '/bin/false' })
  expect(status).toBe(1)
  expect(stderr).toContain('SLUICE_NODE=/bin/false is no Node >= 22.18')
})

test('tells its usage without a script', () => {
  expect(withNode({}, [])).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') })
})

test('the product comes without packages of development', () => {
  const checkout = mkdtempSync(path.join(os.tmpdir(), 'sluice-checkout-'))
  const npm = path.join(checkout, 'npm')
  const tools = fakePrograms({
    npm: `echo "$*" >> '${npm}'; rm -rf node_modules; mkdir node_modules`,
    node: `exec '${process.execPath}' "$@"`,
  })
  try {
    for (const folder of ['infra/testing', 'cli']) mkdirSync(path.join(checkout, folder), { recursive: true })
    cpSync(SCRIPT, path.join(checkout, 'infra', 'with-node.sh'))
    for (const script of ['cli/main.ts', 'infra/testing/test.ts']) writeFileSync(path.join(checkout, script), '')
    writeFileSync(path.join(checkout, 'package-lock.json'), '{}')
    const env = { PATH: `${tools}:${process.env.PATH}`, HOME: checkout, SLUICE_NODE: path.join(tools, 'node') }
    const run = (script: string): string => {
      writeFileSync(npm, '')
      expect(spawnSync('sh', [path.join(checkout, 'infra', 'with-node.sh'), script], { env }).status).toBe(0)
      return readFileSync(npm, 'utf8').trim()
    }
    expect(run('cli/main.ts')).toMatch(/^ci --omit=dev /)
    expect(run('cli/main.ts')).toBe('')
    expect(run('infra/testing/test.ts')).toMatch(/^ci --include=dev /)
    expect(run('cli/main.ts')).toBe('') // more than it needs is there
    writeFileSync(path.join(checkout, 'package-lock.json'), '{"changed":true}')
    expect(run('cli/main.ts')).toMatch(/^ci --omit=dev /)
  } finally {
    rmSync(checkout, { recursive: true })
    rmSync(tools, { recursive: true })
  }
})
