// What a disk refuses is told as such, by every command; what a port or a program refuses is not.
import { expect, test } from 'vitest'
import { asDiskFailure } from '../../cli/disk-failure.ts'
import { createShell } from '../../cli/shell.ts'
import { captureStream } from './streams.ts'

const system = (code: string, facts: object) => Object.assign(new Error(code), { code, ...facts })

test.each([
  [system('ENOSPC', { syscall: 'write' }), 'a file cannot be written: no space is left on the disk'],
  [system('EROFS', { syscall: 'mkdir', path: '/ro/x' }), '/ro/x cannot be written: the file system is read only'],
  [system('EACCES', { syscall: 'open', path: '/etc/x' }), '/etc/x cannot be written: no right to it'],
  [system('EEXIST', { syscall: 'mkdir', path: '/a' }), '/a cannot be written: a file where a folder is needed'],
])('%s', (error, message) => expect(asDiskFailure(error)).toMatchObject({ code: 'DISK_REFUSED', message }))

test.each([
  [system('EACCES', { syscall: 'listen', port: 80 })],
  [system('EPERM', { syscall: 'kill' })],
  [system('ENOENT', { syscall: 'open', path: '/none' })],
  [new Error('ENOSPC')],
  ['ENOSPC'],
])('%s stays what it is', (error) => expect(asDiskFailure(error)).toBe(error))

test('a command that meets a full disk says what to do', async () => {
  const [stdout, stderr] = [captureStream(), captureStream()]
  const shell = createShell({ stdout: stdout.stream, stderr: stderr.stream }, {})
  const work = shell.action(async () => {
    throw system('ENOSPC', { syscall: 'write' })
  })
  await work({ json: true }, {})
  expect(shell.exitCode).toBe(1)
  expect(stderr.text()).toMatch(/^DISK_REFUSED: .*\nnext: make room/)
  expect(JSON.parse(stdout.text())).toMatchObject({ error: { code: 'DISK_REFUSED' } })
})
