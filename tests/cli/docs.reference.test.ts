// docs/reference/cli.md and the command line say the same.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { buildProgram } from '../../cli/program.ts'
import { createShell } from '../../cli/shell.ts'
import { VERBS, verbName } from '../../cli/verbs.ts'
import { captureStream } from './streams.ts'

const reference = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')
const sections = reference.split(/^### /m).slice(1)
const sectionOf = (verb: string): string | undefined =>
  sections.find((section) => section.split('\n', 1)[0]!.split(', ').includes(verb))

test('every verb has its section and options', async () => {
  const streams = { stdout: captureStream().stream, stderr: captureStream().stream }
  const program = await buildProgram(createShell(streams), VERBS.map(verbName))
  for (const command of program.commands) {
    const section = sectionOf(command.name())
    expect(section, command.name()).toBeDefined()
    for (const { flags } of command.options) {
      if (flags !== '--json') expect(section, `${command.name()} ${flags}`).toContain(`\`${flags}`)
    }
  }
})

test('no section without a verb', () => {
  const names = sections.flatMap((section) => section.split('\n', 1)[0]!.split(', '))
  expect(names.sort()).toEqual(VERBS.map(verbName).sort())
})

test('every exit code is explained', () => {
  for (const code of Object.values(EXIT)) expect(reference).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
