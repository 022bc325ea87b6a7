// Every command that the program prints, or that a page names, is one that the command line knows.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../cli/program.ts'
import type { Shell } from '../../cli/shell.ts'
import { FAILURES } from '../../schemas/failures.ts'
import { product, read } from '../repository/tree.ts'
import { captureStream } from './streams.ts'

/** Parses and does nothing. */
async function parses(command: string): Promise<void> {
  const argv = wordsOf(command).slice(1)
  const streams = { stdout: captureStream().stream, stderr: captureStream().stream }
  const shell: Shell = { streams, exitCode: 0, action: () => async () => {} }
  const program = await buildProgram(shell, argv)
  await program.parseAsync(argv, { from: 'user' }).catch((error: { exitCode?: number; message: string }) => {
    if (error.exitCode !== 0) throw new Error(`${command}: ${error.message}`)
  })
}

/** As a shell splits them, without its other characters: < and > would be read as files. */
function wordsOf(command: string): string[] {
  expect(command).not.toMatch(/[<>|;&]/)
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain!,
  )
}

/** What stands between backticks, in a text or in the code that writes it; values that are filled in become x. */
function commandsIn(text: string): string[] {
  const filled = text.replaceAll(/\$\{[^}]*\}/g, 'x').replaceAll('\\`', '`')
  const commands = [...filled.matchAll(/`(sluice [a-z-]+(?: [^`\n]*)?)`/g)].map(([, command]) => command!)
  return [...new Set(commands)].filter((command) => !isLossRange(command))
}

/** Their places are checked where they arise: x is none. */
const isLossRange = (command: string): boolean => command.includes('--accept-loss x')

const nexts = Object.entries(FAILURES).flatMap(([code, { next }]) =>
  commandsIn(next.replaceAll(/\{(\w+)\}/g, 'x')).map((command) => [command, code] as const),
)
const FOLDERS = /^(cli|workers|ml|infra|serving|stages|lake|plan)\//
const printed = product
  .filter((file) => FOLDERS.test(file))
  .flatMap((file) => commandsIn(codeOf(read(file))).map((command) => [command, file] as const))

/** Without comments, which may say "see `sluice x`" of a family. */
function codeOf(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

describe('printed', () => {
  test('many are found', () => expect([nexts.length > 20, printed.length > 25]).toEqual([true, true]))

  test.each([...nexts, ...printed])('%s (%s)', async (command) => parses(command))
})

test('the README names commands that are there', async () => {
  const commands = [...readFileSync('README.md', 'utf8').matchAll(/`\.\/(sluice [a-z-]+[^`]*)`/g)].map(
    (each) => each[1]!,
  )
  expect(commands.length).toBeGreaterThan(5)
  for (const command of commands) await parses(command.replaceAll(/[<>[\]]/g, ''))
})
