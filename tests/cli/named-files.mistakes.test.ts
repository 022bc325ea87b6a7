// Paths of the command line that do not do: exit code 2, with what was found there, and nothing is written elsewhere.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { openDestination } from '../../cli/export-files.ts'
import { eventsOfFile } from '../../cli/send-events.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-named-'))
const file = join(folder, 'a-file')
writeFileSync(file, 'one line\n')
const noEndpoints = {} as Endpoints

const send = async (path: string) => await Array.fromAsync(eventsOfFile(path, { columns: [], stdin: process.stdin }))

test.each([
  [join(folder, 'none'), 'nothing is there'],
  [folder, 'a folder'],
  [join(file, 'below'), 'a file where a folder is needed'],
])('events of %s are refused', async (path, found) => {
  await expect(send(path)).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringContaining(`found ${found}`),
  })
})

test('events of a file are its lines', async () => {
  expect(await send(file)).toEqual([{ value: 'one line' }])
})

test('an export into a file is refused', async () => {
  const written = openDestination(file, noEndpoints).write('train/0.parquet', new Uint8Array(1))
  await expect(written).rejects.toMatchObject({ exitCode: EXIT.usage, message: expect.stringContaining(file) })
})

test.each(['s3://', 's3:/bucket/prefix', 's3:bucket'])('%s is no folder', (address) => {
  expect(() => openDestination(address, noEndpoints)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }))
})
