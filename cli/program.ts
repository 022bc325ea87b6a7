// The command line as a whole: verbs, help, and what a wrong one gets.
import { Command, CommanderError } from 'commander'
import { EXIT } from './exit-codes.ts'
import { withLauncher } from './launcher.ts'
import type { Streams } from './output/output.ts'
import { printable } from './output/printable.ts'
import { createShell, type Environment, type Shell, usageError } from './shell.ts'
import { VERBS, verbName } from './verbs.ts'
import { versionLine } from './version.ts'

const EXIT_CODES = `
Exit codes: 0 ok · 1 failed · 2 wrong command line or setting · 3 refused (gates, decision, request) · 4 not ready · 130 interrupted · 143 terminated`

/** All verbs with their descriptions; options and work only of the verbs that `argv` mentions. */
export async function buildProgram(shell: Shell, argv: readonly string[]): Promise<Command> {
  const { streams } = shell
  const program = new Command('sluice')
    .description('Models that keep themselves current: Kafka → S3 → clean → train → gates → approval → serving')
    .option('-V, --version', 'version, Node, and in a clone the commit')
    .on('option:version', () => {
      streams.stdout.write(`${versionLine()}\n`)
      throw new CommanderError(EXIT.ok, 'sluice.version', 'version')
    })
    .helpCommand('help [command]', 'how to use a command')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(add --help for how it is used)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(printable(text)),
    })
  const all = argv.includes('completion') // it tells of every verb's options
  for (const verb of VERBS) {
    const command = program.command(verb.usage).description(verb.description)
    command.option('--json', 'one JSON document on stdout, all text on stderr')
    if (all || argv.includes(verbName(verb))) (await verb.load()).define(command, shell)
    nameOptions(command)
  }
  return program
}

/** What is wrong with a value is said with its option: "--count <n>: expected a positive integer, found many". */
function nameOptions({ options }: Command): void {
  for (const option of options) {
    const { parseArg, flags, long } = option
    if (parseArg === undefined) continue
    option.parseArg = <T>(text: string, before: T): T => {
      try {
        return parseArg(text, before)
      } catch (error) {
        if (!(error instanceof CommanderError) || error.message.includes(long ?? flags)) throw error
        throw usageError(`${flags}: ${error.message}`)
      }
    }
  }
}

/** Runs one command line (without node and script). Resolves to the exit code; never rejects for what a user can cause. */
export async function runCli(argv: readonly string[], streams: Streams, env?: Environment): Promise<number> {
  const shell = createShell(streams, env)
  try {
    const program = await buildProgram(shell, argv)
    if (argv.length === 0) {
      const { tellNextStep } = await import('./output/next-step.ts')
      await shell.action(tellNextStep)({}, program)
    } else await program.parseAsync([...argv], { from: 'user' })
    return shell.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.ok
    // commander has printed its own errors; ours it has not
    if (error.code === 'sluice.usage') streams.stderr.write(`error: ${printable(withLauncher(error.message))}\n`)
    if (argv.includes('--json')) {
      streams.stdout.write(`${JSON.stringify({ error: { code: 'USAGE', message: error.message } })}\n`)
    }
    return EXIT.usage
  }
}
