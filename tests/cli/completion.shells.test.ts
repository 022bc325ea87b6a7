// What real shells offer while a command is typed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { VERBS, verbName } from '../../cli/verbs.ts'
import { sluice } from './streams.ts'

const project = mkdtempSync(join(tmpdir(), 'sluice-completion-'))
const SHELLS = ['bash', 'zsh', 'fish'] as const
type ShellName = (typeof SHELLS)[number]

const isThere = (shell: ShellName): boolean => spawnSync(shell, ['-c', 'true']).status === 0

beforeAll(async () => {
  for (const name of ['churn', 'chess']) {
    mkdirSync(join(project, 'pipelines', name), { recursive: true })
    writeFileSync(join(project, 'pipelines', name, 'pipeline.ts'), 'throw new Error("nobody loads it")')
  }
  mkdirSync(join(project, 'pipelines', 'notes'))
  writeFileSync(join(project, 'events.ndjson'), '{}')
  for (const shell of SHELLS) writeFileSync(scriptOf(shell), (await sluice(['completion', shell])).stdout)
})

const scriptOf = (shell: ShellName): string => join(project, `.completion.${shell}`)

/** The words that are offered after what is typed, in order of the alphabet. */
function offered(shell: ShellName, typed: string): string[] {
  const words = typed.split(' ')
  const { stdout, stderr, status } = spawnSync(shell, ['-c', PROGRAMS[shell](typed, words)], {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: project },
    timeout: 5_000,
  })
  expect(status, stderr).toBe(0)
  const found = stdout.split('\n').map((line) => line.split('\t')[0]!)
  return [...new Set(found.filter((word) => word !== '' && word.startsWith(words.at(-1)!)))].sort()
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ')

const PROGRAMS: Record<ShellName, (typed: string, words: readonly string[]) => string> = {
  bash: (_typed, words) => `
    . ${scriptOf('bash')}
    COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}
    compopt() { compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"; } # the shell does that itself while somebody types
    _sluice
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (_typed, words) => `
    compdef() { :; }
    _describe() { printf '%s\\n' "\${(@)\${(@P)2}%%:*}"; }
    compadd() { shift; printf '%s\\n' "$@"; }
    _files() { print -l *; }
    . ${scriptOf('zsh')}
    words=(${quoted(words)}); CURRENT=${words.length}
    _sluice`,
  fish: (typed) => `source ${scriptOf('fish')}; complete -C '${typed}'`,
}

describe.each(SHELLS)('%s', (shell) => {
  const skipped = !isThere(shell)
  if (skipped) console.warn(`SKIPPED: no ${shell} on this machine`)

  test.skipIf(skipped)('offers every verb', () => {
    expect(offered(shell, 'sluice ')).toEqual(expect.arrayContaining(VERBS.map(verbName)))
    expect(offered(shell, 'sluice mod')).toEqual(['models'])
  })

  test.skipIf(skipped)('offers pipelines without loading them', () => {
    expect(offered(shell, 'sluice run ')).toEqual(['chess', 'churn'])
    expect(offered(shell, 'sluice run chu')).toEqual(['churn'])
  })

  test.skipIf(skipped)('offers the options of the verb', () => {
    expect(offered(shell, 'sluice send churn --')).toEqual(
      ['--batch', '--count', '--file', '--help', '--json', '--seed'].sort(),
    )
    expect(offered(shell, 'sluice run churn --de')).toEqual(['--detach'])
  })

  test.skipIf(skipped)('offers files where one is expected', () => {
    expect(offered(shell, 'sluice send churn --file ev')).toEqual(['events.ndjson'])
  })

  test.skipIf(skipped)('offers fixed words', () => {
    expect(offered(shell, 'sluice completion ')).toEqual(['bash', 'fish', 'zsh'])
    expect(offered(shell, 'sluice rejects ')).toEqual(['chess', 'churn', 'replay'])
  })
})

test('an unknown shell is refused', async () => {
  const { code, stderr } = await sluice(['completion', 'csh'])
  expect(code).toBe(2)
  expect(stderr).toContain('no script for csh: expected bash, zsh, fish')
})
