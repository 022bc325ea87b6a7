// The settings that bound how much a worker holds.
import { expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { READ_SETTINGS } from '../../stream/kafka/fetch.ts'

test('limits have defaults', () => {
  const { maxBatchBytes, maxRecordBytes } = loadConfig({})
  expect({ maxBatchBytes, maxRecordBytes }).toEqual({ maxBatchBytes: 1024 ** 3, maxRecordBytes: 32 * 1024 ** 2 })
  expect(READ_SETTINGS).toMatchObject({ maxBatchBytes, maxRecordBytes })
})

test.each([
  ['SLUICE_MAX_BATCH_BYTES', 'maxBatchBytes'],
  ['SLUICE_MAX_RECORD_BYTES', 'maxRecordBytes'],
] as const)('%s is a number of bytes', (name, field) => {
  expect(loadConfig({ [name]: '123456' })[field]).toBe(123_456)
  for (const found of ['0', '-1', '64 MiB', '1e3.5'])
    expect(() => loadConfig({ [name]: found })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.objectContaining({ name, found }) }),
    )
})
