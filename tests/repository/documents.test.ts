// Documents say what is there: commands, scripts, links.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { documents, files, linesOf, packageJson, read, root } from './tree.ts'

const MAX_LINES = { readme: 150, decision: 40 }

test('the README is short and its commands exist', () => {
  expect(linesOf('README.md')).toBeLessThanOrEqual(MAX_LINES.readme)
  for (const document of documents) {
    const scripts = [...read(document).matchAll(/\bnpm (?:run ([\w:]+)|(test|start)\b)/g)].map(
      ([, run, short]) => run ?? short!,
    )
    expect(
      scripts.filter((script) => !(script in packageJson.scripts!)),
      document,
    ).toEqual([])
  }
})

test('commands in documents are commands of the CLI', () => {
  const commands = new Set(files.filter((file) => file.startsWith('cli/commands/')).map((file) => file.slice(13, -3)))
  for (const document of documents) {
    const named = [...read(document).matchAll(/\.\/sluice ([a-z]+)/g)].map(([, name]) => name!)
    expect(
      named.filter((name) => !commands.has(name)),
      document,
    ).toEqual([])
  }
})

test('links in documents lead somewhere', () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !existsSync(join(root, dirname(document), link)))
      .map((link) => `${document} → ${link}`),
  )
  expect(broken).toEqual([])
})

/** `folder/file.ts` in a document; of users' own projects: those that it makes up. */
const MADE_UP: readonly string[] = ['pipelines/returns/pipeline.ts']

test('files that documents name are there', () => {
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/`((?:[\w.-]+\/)+[\w.*-]+\.(?:ts|py|sh))`/g)].map(([, path]) => ({
      document,
      path: path!,
    })),
  )
  const missing = named.filter(({ document, path }) => {
    const pattern = new RegExp(`(^|/)${path.replaceAll('.', '\\.').replaceAll('*', '[\\w-]+')}$`)
    return document !== 'CHANGELOG.md' && !MADE_UP.includes(path) && !files.some((file) => pattern.test(file))
  })
  expect(missing).toEqual([])
  expect(named.length).toBeGreaterThan(50)
})

test('decisions are short', () => {
  const decisions = documents.filter((file) => file.startsWith('docs/decisions/'))
  expect(decisions.filter((file) => linesOf(file) > MAX_LINES.decision)).toEqual([])
})
