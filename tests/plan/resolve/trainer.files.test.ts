// A trainer of one's own in a pipeline file: its files decide the plan, and what cannot be used is refused with its place.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import { recipeOf } from '../../../plan/recipe.ts'
import { withFiles } from '../../../plan/resolve/files.ts'
import { resolveWord } from '../../../plan/resolve/word.ts'
import { trainer } from '../../../plan/words/train.ts'
import { planShape } from '../../../schemas/plan.ts'
import { trainerShape } from '../../../schemas/train.ts'
import { PLAN } from '../../ml/flowers.ts'

let projectDir: string
let folder: string

beforeEach(() => {
  mkdirSync('.sluice', { recursive: true })
  projectDir = mkdtempSync(join('.sluice', 'test-trainer-'))
  folder = join(projectDir, 'pipelines', 'flowers')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'trainer.py'), 'print(1)')
  writeFileSync(join(folder, 'network.py'), 'print(2)')
})
afterEach(() => rmSync(projectDir, { recursive: true, force: true }))

const place = { pipeline: 'flowers', path: 'train.trainer' }

/** As the registry does it: the word of a file → the plan's form. */
async function resolve(word: unknown) {
  const definition = { name: 'flowers', train: { trainer: word } } as never
  const whole = await withFiles(definition, { file: join(folder, 'pipeline.ts'), projectDir })
  return resolveWord(place, whole.train.trainer, trainerShape)
}

describe('a trainer in a plan', () => {
  it('holds its files by digest', async () => {
    const word = trainer.command(['python3', '-u', './trainer.py', '--deep'], { files: ['network.py', './trainer.py'] })
    expect(await resolve(word)).toEqual({
      command: ['python3', '-u', './trainer.py', '--deep'],
      folder: 'pipelines/flowers',
      files: [
        { path: './trainer.py', sha256: sha256('print(1)') },
        { path: 'network.py', sha256: sha256('print(2)') },
      ],
    })
  })

  it('redoes training when a file changes', async () => {
    const word = trainer.command(['python3', './trainer.py'])
    const planOf = async () => ({ ...PLAN, train: { ...PLAN.train, trainer: await resolve(word) } })
    const before = recipeOf(await planOf())
    writeFileSync(join(folder, 'trainer.py'), 'print(3)')
    const after = recipeOf(await planOf())
    expect(after.train).not.toBe(before.train)
    expect({ ...after, train: '' }).toEqual({ ...before, train: '' })
    expect(recipeOf(PLAN).train).not.toBe(after.train)
  })

  it('survives the way through JSON', async () => {
    const plan = { ...PLAN, train: { ...PLAN.train, trainer: await resolve(trainer.command(['a', './trainer.py'])) } }
    expect(planShape.read({ what: 'plan', path: '' }, JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  })

  it.each([
    ['a file that is missing', { command: ['python3', './trainee.py'] }, 'train.trainer'],
    ['no program', { command: [] }, 'train.trainer.command'],
    ['an empty argument', { command: ['python3', ''] }, 'train.trainer.command[1]'],
    ['another field', { command: ['python3'], retries: 3 }, 'train.trainer.retries'],
    ['a text', 'python3 ./trainer.py', 'train.trainer'],
  ])('refuses %s', async (_, word, path) => {
    await expect(resolve(word)).rejects.toMatchObject({ code: 'PIPELINE_INVALID', facts: { path } })
  })

  it('is refused without its file', () => {
    // a definition that no registry loaded: nobody knows what ./trainer.py is
    const call = () => resolveWord(place, trainer.command(['python3', './trainer.py']), trainerShape)
    expect(call).toThrow(expect.objectContaining({ code: 'PIPELINE_INVALID' }))
  })

  it('of the example is in its guide', () => {
    const guide = readFileSync('docs/guides/own-trainer.md', 'utf8')
    const example = readFileSync('tests/fixtures/trainers/project/pipelines/diagnosis-sklearn/pipeline.ts', 'utf8')
    const word = "trainer: trainer.command(['python3', './trainer.py'])"
    expect([guide.includes(word), example.includes(word)]).toEqual([true, true])
  })
})
