// Captured output of a command line that runs in this process.
import { Writable } from 'node:stream'
import { expect } from 'vitest'
import { runCli } from '../../cli/program.ts'

export interface Captured {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function captureStream(): { stream: NodeJS.WriteStream; text: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream: stream as NodeJS.WriteStream, text: () => chunks.join('') }
}

/** Runs one command line with nothing of this process's environment but `env`. */
export async function sluice(argv: readonly string[], env: Record<string, string> = {}): Promise<Captured> {
  const stdout = captureStream()
  const stderr = captureStream()
  const code = await runCli(argv, { stdout: stdout.stream, stderr: stderr.stream }, env)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

/** The same with --json: `answer` is the one line of stdout. */
export async function sluiceJson(argv: readonly string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await sluice([...argv, '--json'], env)
  expect(stdout.trimEnd().split('\n'), stderr).toHaveLength(1)
  return { code, stderr, stdout, answer: JSON.parse(stdout) as Record<string, unknown> }
}
