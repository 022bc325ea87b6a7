// Entry of the command line: parse, dispatch, exit code.
import { EXIT } from './exit-codes.ts'
import { describeError } from './output/output.ts'
import { printable } from './output/printable.ts'
import { runCli } from './program.ts'

const { stdout, stderr } = process
for (const stream of [stdout, stderr]) {
  // `sluice status | head` closes the pipe early: the command still ends, and stops what it started
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// an error out of a timer or a library's callback, which no command can catch
process.on('uncaughtException', (error) => {
  stderr.write(`${printable(describeError(error))}\n`)
  process.exit(EXIT.failed)
})

process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr })
