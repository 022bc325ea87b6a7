// NDJSON goes out at the pace of its reader, and ends with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { writeLines } from '../../cli/rows/write-lines.ts'

function endless() {
  const made = { count: 0, isClosed: false }
  async function* values() {
    try {
      for (;;) yield { n: made.count++, big: 2n ** 60n }
    } finally {
      made.isClosed = true
    }
  }
  return { made, values: values() }
}

test('a reader that has enough ends it', async () => {
  const { made, values } = endless()
  const head = spawn('head', ['-n', '2'], { stdio: ['pipe', 'pipe', 'inherit'] })
  head.stdin.on('error', () => {}) // EPIPE, as in cli/main.ts
  const chunks: string[] = []
  head.stdout.on('data', (chunk) => chunks.push(String(chunk)))
  const closed = once(head, 'close')
  await writeLines(values, head.stdin)
  await closed
  expect(chunks.join('')).toBe('{"n":0,"big":1152921504606846976}\n{"n":1,"big":1152921504606846976}\n')
  expect(made.isClosed).toBe(true)
})

test('values wait for their reader', async () => {
  const { made, values } = endless()
  const taken: (() => void)[] = []
  const slow = new Writable({ highWaterMark: 100, write: (_chunk, _encoding, done) => void taken.push(done) })
  const writing = writeLines(values, slow, 50)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(made.count).toBeLessThan(8)
  while (taken.length > 0) {
    taken.shift()!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await writing
  expect(made.count).toBe(51)
})
