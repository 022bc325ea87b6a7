// Entry of the command line: parse, dispatch, exit code.
import { runCli } from './program.ts'

process.exitCode = await runCli(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr })
