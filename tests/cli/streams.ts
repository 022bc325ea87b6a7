// Captured output of a command line that runs in this process.
import { Writable } from 'node:stream'
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
