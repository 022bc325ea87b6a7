// Entry of the command line: parse, dispatch, exit code.
import { runCli } from './program.ts'

const { stdout, stderr } = process
for (const stream of [stdout, stderr]) {
  // `sluice status | head` closes the pipe early: the command still ends, and stops what it started
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr })
