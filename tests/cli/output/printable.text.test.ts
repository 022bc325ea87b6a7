// What others wrote cannot act upon the terminal of who reads it.
import { expect, test } from 'vitest'
import { createOutput } from '../../../cli/output/output.ts'
import { oneLine, printable } from '../../../cli/output/printable.ts'
import { createProgress } from '../../../cli/output/progress.ts'
import { runCli } from '../../../cli/program.ts'
import { rowTable } from '../../../cli/rows/describe-rows.ts'
import { failure } from '../../../schemas/failures.ts'
import { captureStream } from '../streams.ts'

/** Colours, wipes the screen, retitles the window, goes back to the line's start, turns the order of reading; the last is ESC [ in one. */
const EVIL = '\u001b[31m\u001b[2J\u001b]0;title\u0007\rforged\u202eabc\u2066\u009b1A\u007f'
const ACTS = /[[\p{Cc}\u202a-\u202e\u2066-\u2069]--[\n\t]]/v

test('every way to a person shows such characters as their escapes', async () => {
  const [stdout, stderr] = [captureStream(), captureStream()]
  const streams = { stdout: stdout.stream, stderr: stderr.stream }
  const output = createOutput(false, streams)
  output.line(`rejected by ${EVIL}`)
  output.table([{ by: EVIL, why: `fine\n${EVIL}` }])
  output.error(failure('NO_CHAMPION', { pipeline: EVIL }))
  output.error(new Error(EVIL))
  const progress = createProgress(stdout.stream)
  progress.update({ label: 'train', detail: EVIL })
  progress.line(EVIL)
  progress.close()
  await runCli([EVIL], streams)
  await runCli(['models', 'digits', '--at', EVIL], streams)
  const text = stdout.text() + stderr.text()
  expect(text.match(ACTS)).toBe(null)
  expect(text.split('\\u001b[31m').length).toBeGreaterThan(8)
})

test('a cell stays one line, whatever is in it, and columns line up', () => {
  const stdout = captureStream()
  createOutput(false, { stdout: stdout.stream, stderr: stdout.stream }).table([
    { why: 'first\n  second\r\nthird\tfourth\u001b', z: '1' },
    { why: '', z: '2' },
  ])
  const cell = 'first second third fourth\\u001b'
  expect(stdout.text()).toBe(`${'why'.padEnd(cell.length)}  z\n${cell}  1\n${' '.repeat(cell.length)}  2\n`)
})

test('a table of rows has none of them', () => {
  const row = { partition: 0, offset: 1, id: EVIL, fate: 'dropped', rule: EVIL, failed: [], first: null, split: null }
  expect(
    Object.values(rowTable([row as never])[0]!)
      .join('')
      .match(/\p{Cc}|\u202e/u),
  ).toBe(null)
})

test('texts of every language, line breaks and tabs of ours stay as they are', () => {
  const text = 'Köln 東京 🎉 שלום مرحبا\n\tnext: `…`'
  expect(printable(text)).toBe(text)
  expect(oneLine('a \n b')).toBe('a b')
})
