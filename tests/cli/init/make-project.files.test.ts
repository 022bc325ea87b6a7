// What `sluice init` writes, and what it refuses.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { TEMPLATES } from '../../../cli/init/make-project.ts'
import { ROOT_DIR } from '../../../infra/places.ts'
import { loadPipelines } from '../../../plan/registry.ts'
import { sluice, sluiceJson } from '../streams.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-init-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(TEMPLATES)('%s becomes a project', async (template) => {
  const project = path.join(folder, template)
  const { code, answer } = await sluiceJson(['init', project, '--template', template, '--sluice', '0.1.0'], {})
  expect(code).toBe(0)
  const manifest = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: template, type: 'module', dependencies: { sluice: '0.1.0' } })
  for (const file of ['tsconfig.json', '.gitignore', '.github/workflows/test.yml'])
    expect(existsSync(path.join(project, file))).toBe(true)
  expect(readFileSync(path.join(project, 'README.md'), 'utf8')).toContain(`npx sluice run ${answer.pipeline}`)
})

test.each(TEMPLATES)('the pipeline of %s has a plan', async (template) => {
  const { plans, invalid } = await loadPipelines(path.join(ROOT_DIR, 'templates', template))
  expect(invalid).toEqual([])
  expect(plans.size).toBe(1)
})

test('a folder that holds something is refused', async () => {
  const project = path.join(folder, 'tabular')
  writeFileSync(path.join(project, 'mine.txt'), 'mine')
  const { code, stderr } = await sluice(['init', project, '--sluice', '0.1.0'])
  expect(code).toBe(2)
  expect(stderr).toContain('expected a new or empty folder')
})

test.each(['My Project', 'sluice', '.hidden'])('the name %s is refused', async (name) => {
  const { code, stderr } = await sluice(['init', path.join(folder, name), '--sluice', '0.1.0'])
  expect(code).toBe(2)
  expect(stderr).toContain('expected a new name')
})

test('versions are those of this clone', () => {
  const read = (...parts: string[]) => JSON.parse(readFileSync(path.join(ROOT_DIR, ...parts), 'utf8'))
  const { devDependencies } = read('templates', 'every', 'package.json')
  expect(read('package.json').devDependencies).toMatchObject(devDependencies)
})
