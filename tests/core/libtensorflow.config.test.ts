// Where the settings take TensorFlow's stock archive from.
import { expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'

const SUM = 'ab'.repeat(32)

test('nothing set leaves the public archive', () => {
  expect(loadConfig({ SLUICE_LIBTENSORFLOW_URL: '' }).libtensorflow).toEqual({})
})

test('a mirror and its sum are taken', () => {
  const env = { SLUICE_LIBTENSORFLOW_URL: 'file:///srv/lib.tar.gz', SLUICE_LIBTENSORFLOW_SHA256: SUM.toUpperCase() }
  expect(loadConfig(env).libtensorflow).toEqual({ url: 'file:///srv/lib.tar.gz', sha256: SUM })
})

test.each([
  ['SLUICE_LIBTENSORFLOW_URL', 'mirror/lib.tar.gz'],
  ['SLUICE_LIBTENSORFLOW_URL', 'ftp://mirror/lib.tar.gz'],
  ['SLUICE_LIBTENSORFLOW_SHA256', 'abc'],
])('%s refuses %s', (name, found) => {
  expect(() => loadConfig({ [name]: found })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.objectContaining({ name, found }) }),
  )
})
