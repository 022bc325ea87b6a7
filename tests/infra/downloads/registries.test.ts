// Registries are those that the user's own tools are set to.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseMavenSettings } from '../../../infra/downloads/maven-settings.ts'
import { parseNetrc } from '../../../infra/downloads/netrc.ts'
import { parsePipConfig } from '../../../infra/downloads/pip-settings.ts'
import { proxyFor } from '../../../infra/downloads/proxy.ts'
import { PUBLIC_MAVEN_REPOSITORY, PUBLIC_PACKAGE_INDEX } from '../../../infra/downloads/public-registries.ts'
import { mavenRepository, packageIndexes } from '../../../infra/downloads/registries.ts'

let HOME: string

beforeEach(() => {
  HOME = mkdtempSync(path.join(os.tmpdir(), 'sluice-home-'))
})

afterEach(() => rmSync(HOME, { recursive: true }))

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(HOME, file)), { recursive: true })
  writeFileSync(path.join(HOME, file), text)
}

const urls = (env: NodeJS.ProcessEnv) => packageIndexes(env).map(({ url }) => url)

test('asks the public registries without settings', () => {
  expect(urls({ HOME, PIP_CONFIG_FILE: '/dev/null' })).toEqual([PUBLIC_PACKAGE_INDEX])
  expect(mavenRepository({ HOME }).url).toBe(PUBLIC_MAVEN_REPOSITORY)
})

test('pip: variables come before files, near files before far ones', () => {
  write('.pip/pip.conf', '[global]\nindex-url = http://far.test/simple\n')
  expect(urls({ HOME })).toEqual(['http://far.test/simple/'])
  write(
    '.config/pip/pip.conf',
    '[global]\nindex_url: http://near.test/simple/\nextra-index-url =\n  http://a.test/\n  http://b.test\n',
  )
  expect(urls({ HOME })).toEqual(['http://near.test/simple/', 'http://a.test/', 'http://b.test/'])
  write('mine.conf', '[global]\nindex-url = http://named.test/\n')
  expect(urls({ HOME, PIP_CONFIG_FILE: path.join(HOME, 'mine.conf') })[0]).toBe('http://named.test/')
  expect(urls({ HOME, PIP_INDEX_URL: 'http://variable.test' })[0]).toBe('http://variable.test/')
  expect(urls({ HOME, PIP_CONFIG_FILE: '/dev/null' })).toEqual([PUBLIC_PACKAGE_INDEX])
})

test('pip: reads sections, comments and long values', () => {
  const text =
    '# mine\n; and this\n[global]\r\nIndex-Url = one\ntimeout=3\n[install]\nindex-url: two\n\n[search]\nindex-url=no\n'
  expect(parsePipConfig(text)).toEqual({ 'index-url': 'two', timeout: '3' })
})

test('netrc: sends a password to its own host only', () => {
  write('.netrc', '# a comment\nmachine index.test\n  login ann\n  password s3cret\ndefault login any password any\n')
  const env = { HOME, PIP_INDEX_URL: 'http://index.test/simple', PIP_EXTRA_INDEX_URL: 'http://other.test/simple' }
  expect(packageIndexes(env).map(({ headers }) => headers)).toEqual([
    { authorization: `Basic ${btoa('ann:s3cret')}` },
    {},
  ])
  expect(parseNetrc('machine a login b password c machine d login e')).toEqual({
    a: { login: 'b', password: 'c' },
    d: { login: 'e', password: '' },
  })
})

const mirror = (of: string, more = '') =>
  `<settings><mirrors><mirror><id>own</id><mirrorOf>${of}</mirrorOf><url>http://maven.test/a?b=1&amp;c=2</url></mirror></mirrors>${more}</settings>`

test.each([
  ['*', true],
  ['central', true],
  ['other, central', true],
  ['external:*', true],
  ['*,!central', false],
  ['other', false],
])('Maven: a mirror of %s stands for the central one: %s', (of, expected) => {
  expect(parseMavenSettings(mirror(of))?.url).toBe(expected ? 'http://maven.test/a?b=1&c=2' : undefined)
})

test('Maven: reads the server’s user, and the environment', () => {
  const server = (password: string) =>
    `<servers><!-- <server><id>own</id></server> --><server><id>own</id><username>ann</username><password>${password}</password></server></servers>`
  const env = { TOKEN: 't0ken' }
  expect(parseMavenSettings(mirror('*', server(['$', '{env.TOKEN}'].join(''))), env)?.user).toEqual({
    name: 'ann',
    password: 't0ken',
  })
  expect(parseMavenSettings(mirror('*', server('{encrypted=}')))?.user).toBeUndefined()
})

test('Maven: a profile may move the central repository', () => {
  const repository = '<repository><id>central</id><url>http://moved.test/m2</url></repository>'
  write(
    '.m2/settings.xml',
    `<settings><profiles><profile><repositories>${repository}</repositories></profile></profiles></settings>`,
  )
  expect(mavenRepository({ HOME })).toEqual({ url: 'http://moved.test/m2/', headers: {} })
})

const through = (url: string, env: NodeJS.ProcessEnv) => proxyFor(new URL(url), env)?.href

test('a proxy is for the scheme that it is set for', () => {
  const env = { HTTPS_PROXY: 'http://p.test:3128', http_proxy: 'q.test:80' }
  expect(through('https://a.test/', env)).toBe('http://p.test:3128/')
  expect(through('http://a.test/', env)).toBe('http://q.test/')
  expect(through('https://a.test/', {})).toBeUndefined()
  expect(() => through('https://a.test/', { HTTPS_PROXY: 'socks5://ann:secret@p' })).toThrow(
    /HTTPS_PROXY.*socks5:\/\/p$/,
  )
})

test.each([
  ['a.test', true],
  ['.a.test', true],
  ['*.a.test', true],
  ['test', true],
  ['x, a.test:443', true],
  ['*', true],
  ['a.test:80', false],
  ['b.a.test', false],
  ['st', false],
])('NO_PROXY=%s excepts a.test: %s', (list, excepted) => {
  const env = { HTTPS_PROXY: 'http://p.test', NO_PROXY: list }
  expect(through('https://a.test/', env)).toBe(excepted ? undefined : 'http://p.test/')
})

test('loopback is reached without a proxy', () => {
  const env = { HTTP_PROXY: 'http://p.test' }
  for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(through(`http://${host}:8080/`, env)).toBeUndefined()
})
