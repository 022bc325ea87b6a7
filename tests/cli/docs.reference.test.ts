// docs/reference/cli.md and the command line say the same.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { VERBS, verbName } from '../../cli/verbs.ts'
import { sluice } from './streams.ts'

const reference = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')
const sections = reference.split(/^### /m).slice(1)
const sectionOf = (verb: string): string | undefined =>
  sections.find((section) => section.split('\n', 1)[0]!.split(', ').includes(verb))

test.each(VERBS.map(verbName))('%s has its section and options', async (verb) => {
  const section = sectionOf(verb)
  expect(section).toBeDefined()
  const { stdout } = await sluice([verb, '--help'])
  const options = [...stdout.matchAll(/^ {2}(--\S+(?: [<[][^>\]]*[>\]])?)/gm)].map(([, flags]) => flags!)
  expect(options).toContain('--json')
  for (const flags of options) if (flags !== '--json') expect(section).toContain(`\`${flags}`)
})

test('no section without a verb', () => {
  const names = sections.flatMap((section) => section.split('\n', 1)[0]!.split(', '))
  expect(names.sort()).toEqual(VERBS.map(verbName).sort())
})

test('every exit code is explained', () => {
  for (const code of Object.values(EXIT)) expect(reference).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
