// Every mistake of types.test-d.ts is reported by the compiler at its own line, and nothing else is.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const MARK = '@ts-expect-error'
const mistakes: { line: number; why: string }[] = []
let folder = ''
let errors: { line: number; message: string }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-types-'))
  const source = await readFile(join(import.meta.dirname, 'types.test-d.ts'), 'utf8')
  for (const [index, line] of source.split('\n').entries()) {
    const at = line.indexOf(MARK)
    if (at >= 0) mistakes.push({ line: index + 2, why: line.slice(at + MARK.length).trim() })
  }
  const unmarked = source.replaceAll(MARK, '').replace("'../../../index.ts'", `'${join(root, 'index.ts')}'`)
  await writeFile(join(folder, 'mistakes.ts'), unmarked)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings()))
  errors = await compile()
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function settings() {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { rewriteRelativeImportExtensions: false, typeRoots: [join(root, 'node_modules/@types')] },
    include: ['mistakes.ts'],
  }
}

async function compile(): Promise<{ line: number; message: string }[]> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], (_error, stdout, stderr) => {
      done(stdout + stderr)
    })
  })
  return [...output.matchAll(/mistakes\.ts\((\d+),\d+\): (error .*)/g)].map(([, line, message]) => ({
    line: Number(line),
    message: message!,
  }))
}

test('every mistake is an error at its line', () => {
  expect(mistakes.length).toBeGreaterThan(30)
  const found = new Set(errors.map((error) => error.line))
  expect(mistakes.filter((mistake) => !found.has(mistake.line))).toEqual([])
})

test('nothing else is an error', () => {
  const expected = new Set(mistakes.map((mistake) => mistake.line))
  expect(errors.filter((error) => !expected.has(error.line))).toEqual([])
})

test('a wrong label names the kind that fits', () => {
  const line = mistakes.find(({ why }) => why === 'a probability needs a flag')!.line
  expect(errors.find((error) => error.line === line)!.message).toMatch(/columnIsNoneOf: NamesOfKind<.*, "flag">/)
})
