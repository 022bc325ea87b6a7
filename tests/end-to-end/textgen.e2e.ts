// Text from events to generated words: textgen with a smaller model, from the topic to the approved model that goes on writing.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT_DIR } from '../../infra/places.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import type { GeneratedText } from '../../serving/generate-route.ts'
import { openStack, type Stack } from './stack.ts'

let projectDir: string
let stack: Stack

beforeAll(async () => {
  mkdirSync(path.join(ROOT_DIR, '.sluice'), { recursive: true })
  // inside the repository, so that `sluice` resolves to this package
  projectDir = mkdtempSync(path.join(ROOT_DIR, '.sluice', 'textgen-project-'))
  const folder = path.join(projectDir, 'pipelines', 'textgen')
  mkdirSync(folder, { recursive: true })
  const original = path.join(ROOT_DIR, 'pipelines', 'textgen')
  writeFileSync(path.join(folder, 'events.ts'), `export { events } from '${original}/events.ts'\n`)
  writeFileSync(path.join(folder, 'pipeline.ts'), smaller(`${original}/pipeline.ts`))
  stack = await openStack({ name: 'textgen', projectDir })
})

afterAll(async () => {
  await stack?.close()
  await rm(projectDir, { recursive: true, force: true })
})

test('events become a model that goes on writing', async () => {
  await expectOk(['apply', 'textgen'])
  await expectOk(['send', 'textgen', '--count', '400'])
  stack.start(['worker'])
  const run = (await expectOk(['run', 'textgen'])) as RetrainResult
  expect(run.outcome).toBe('waiting for approval')
  expect(run.evaluation?.metrics.bitsPerCharacter).toBeLessThan(4)
  await expectOk(['approve', 'textgen', '--reason', 'it reads well'])

  const asked = ['--prompt', 'The whale', '--max-tokens', '40', '--seed', '7', '--temperature', '0.5']
  const told = (await expectOk(['generate', 'textgen', ...asked])) as GeneratedText
  expect(told).toMatchObject({ model: run.candidate?.digest, tokens: 40, finish: 'length', seed: 7 })
  expect(told.text.length).toBe(40)

  const url = await stack.serve(['textgen'])
  const response = await fetch(`${url}/textgen/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'The whale', maxTokens: 40, seed: 7, temperature: 0.5 }),
  })
  expect(await response.json()).toEqual(told)
})

async function expectOk(args: readonly string[]): Promise<unknown> {
  const { code, json, text } = await stack.sluice(args)
  expect(code, text).toBe(0)
  return json
}

const smaller = (original: string) => `// textgen, smaller
import textgen from '${original}'
export default {
  ...textgen,
  features: { body: { encode: 'characters', alphabet: 96, context: 32 } },
  train: { ...textgen.train, model: { kind: 'recurrent', cell: 'gru', units: 32, embedding: 16 }, epochs: 1 },
  gates: [{ gate: 'atMost', metric: 'bitsPerCharacter', value: 4 }],
}
`
