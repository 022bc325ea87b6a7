// A network that sluice has never seen: found, fingerprinted, traced, trained, packed and opened again, or refused.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { architectureOf, openNetwork } from '../../../ml/networks/open.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import { trainModel } from '../../../ml/training/loop.ts'
import { loadPipeline } from '../../../plan/registry.ts'
import { isFailure } from '../../../schemas/failures.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { small } from '../../fixtures/pipelines/definitions.ts'
import { clusters, THREE_CLASSES, trainSpec } from '../builders.ts'

const EXPERTS = join(import.meta.dirname, '../../fixtures/ml/custom/experts.ts')

let project = ''
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sluice-custom-'))
  await mkdir(join(project, 'pipelines/own'), { recursive: true })
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  const train = { ...small.train, model: { kind: 'custom', file: './model.ts' } }
  const definition = JSON.stringify({ ...small, name: 'own', train })
  await writeFile(join(project, 'pipelines/own/pipeline.js'), `export default ${definition}\n`)
  await cp(EXPERTS, join(project, 'pipelines/own/model.ts'))
})
afterEach(() => rm(project, { recursive: true, force: true }))

const writeModel = (text: string) => writeFile(join(project, 'pipelines/own/model.ts'), text)
const plan = (): Promise<Plan> => loadPipeline(project, 'own')
const architecture = async () => architectureOf((await plan()).train.model, 6, THREE_CLASSES)

async function facts(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isFailure(error)) throw error ?? new Error('no failure')
  return { code: error.code, ...error.facts }
}

describe('a network of the user', () => {
  it('changes the plan when its file changes', async () => {
    const before = await plan()
    expect(before.train.model).toMatchObject({ kind: 'custom', file: 'pipelines/own/model.ts' })
    await writeModel('export const network = () => null\n')
    expect((await plan()).fingerprint).not.toBe(before.fingerprint)
  })

  it.each(['the fixture', 'the guide'])('of %s learns, and answers the same when packed', async (origin) => {
    if (origin === 'the guide') await writeModel(await guideNetwork())
    const { tf, info } = await openBackend({ device: 'any' })
    const opened = await architecture()
    const network = await openNetwork(opened, project)
    const rows = clusters({ rows: 90, width: 6, seed: 1 })
    const train = trainSpec({ epochs: 15 })
    const validation = clusters({ rows: 30, width: 6, seed: 2 })
    const task = { tf, network, predict: THREE_CLASSES, train, rows, validation, labels: rows.labels }
    const { engine, why } = await chooseEngine({ ...task, backend: info })
    expect(engine.kind, why).toBe(info.name === 'tensorflow' ? 'compiled' : 'eager')
    const save = async () => ({ key: '', sha256: '', bytes: 0, step: 0 })
    const trained = await trainModel({ ...task, backend: 'any', engine, from: null, save })
    expect(trained.validationLoss).toBeLessThan(0.5) // guessing: 1.1
    const bytes = packModel(opened, THREE_CLASSES, trained)
    const model = await loadModel(tf, bytes, project)
    const answers = model.predict(validation.inputs)
    const right = validation.labels.filter((label, row) => {
      const scores = answers.subarray(row * 3, row * 3 + 3)
      return scores.indexOf(Math.max(...scores)) === label
    })
    expect(right.length).toBeGreaterThan(24)
  })

  it('is refused when its file has changed', async () => {
    const before = await architecture()
    await writeModel('export const network = () => null\n')
    expect(await facts(openNetwork(before, project))).toMatchObject({ code: 'MODEL_FILE_CHANGED' })
    await rm(join(project, 'pipelines/own/model.ts'))
    expect(await facts(openNetwork(before, project))).toMatchObject({ found: 'no such file' })
  })

  it.each([
    ['throw new Error("broken")', 'a module that loads', 'Error: broken'],
    ['export const x = 1', 'export function network(sizes)', 'undefined'],
    ['export const network = () => ({})', 'a network with a list of weights', 'undefined'],
    ['export const network = () => ({ weights: [] })', 'a network with forward(tf, pass)', 'undefined'],
    [
      'const w = { name: "w" }; export const network = () => ({ weights: [w, w], forward() {} })',
      'weights of different names',
      'w twice',
    ],
    ['export const network = () => { throw new Error("no sizes") }', 'network(sizes) that returns', 'Error: no sizes'],
  ])('says what is wrong with %s', async (text, expected, found) => {
    await writeModel(text)
    const of = await architecture()
    expect(await facts(openNetwork(of, project))).toMatchObject({ code: 'MODEL_FILE_INVALID', expected, found })
  })

  it.each([
    ['{ kind: "glorotNormal" }', 'an initial of kind constant'],
    ['{ kind: "glorotUniform", fanIn: 2 }', 'the number fanIn and fanOut'],
    ['{ kind: "uniform", limit: NaN }', 'the number limit'],
    ['{ kind: "stretches", values: [1, 2, 3, 4] }', 'values that divide its size'],
    ['{ kind: "orthogonal" }, shape: [6]', 'two sides'],
    ['{ kind: "constant", value: 0 }, shape: [6, 0]', 'a shape of whole numbers'],
  ])('is refused with the initial %s', async (initial, expected) => {
    await writeModel(
      `export const network = () => ({ weights: [{ name: 'w', shape: [6], initial: ${initial} }], forward() {} })\n`,
    )
    const found = await facts(openNetwork(await architecture(), project))
    expect(found).toMatchObject({ code: 'MODEL_FILE_INVALID', expected: expect.stringContaining(expected) })
  })

  it.each([
    ['{ throw new Error("not ready") }', 'Error: not ready (line 2)'],
    ['({ logits: tf.matMul(x, x) })', '(line 2)'],
    ['undefined', 'no logits'],
    ['tf.zeros([2, 3])', 'no logits'],
  ])('that fails with %s is told once', async (body, found) => {
    await writeModel(`export const network = () => ({ weights: [], forward: (tf, { x }) =>\n  ${body}\n})\n`)
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const network = await openNetwork(await architecture(), project)
    const pass = async () => network.forward(tf, { weights: [], averages: [], x: tf.zeros([2, 6]) })
    expect(await facts(pass())).toMatchObject({ code: 'MODEL_FILE_INVALID', found: expect.stringContaining(found) })
  })

  it.each(['failed to allocate 9 bytes', 'Invalid TF_Status: 14'])('leaves trouble of the machine: %s', async (why) => {
    await writeModel(`export const network = () => ({ weights: [], forward() { throw new Error('${why}') } })\n`)
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const network = await openNetwork(await architecture(), project)
    const pass = () => network.forward(tf, { weights: [], averages: [], x: tf.zeros([2, 6]) })
    expect(pass).toThrow(new Error(why))
  })

  it('reads tokens with the parts that it is given', async () => {
    await writeModel(`export const network = ({ outputs, tokens }, { embed }) => ({
      weights: [{ name: 'table', shape: [tokens, outputs], initial: { kind: 'normal', deviation: 1 } }],
      forward: (tf, { weights: [table], x }) => {
        const ids = tf.reshape(tf.cast(x, 'int32'), [-1])
        return { logits: tf.mean(tf.reshape(embed(tf, table, ids), [-1, x.shape[1], outputs]), 1) }
      },
    })\n`)
    const { tf } = await openBackend({ device: 'any' })
    const of = architectureOf((await plan()).train.model, 2, THREE_CLASSES, 4)
    const network = await openNetwork(of, project)
    const [table, x] = [tf.range(0, 12).reshape([4, 3]), tf.tensor2d([[3, 1]])]
    expect([...network.forward(tf, { weights: [table], averages: [], x }).logits.dataSync()]).toEqual([6, 7, 8])
  })

  it('must score every example', async () => {
    await writeModel('export const network = () => ({ weights: [], forward: (tf, { x }) => ({ logits: x }) })\n')
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const network = await openNetwork(await architecture(), project)
    expect(() => network.forward(tf, { weights: [], averages: [], x: tf.zeros([2, 6]) })).toThrow('logits [2,3]')
  })

  it('is one file', async () => {
    await writeModel("import type { A } from './a.ts'\nimport { b } from './b.ts'\nexport const network = b\n")
    expect(await facts(plan())).toMatchObject({ path: 'train.model.file', found: 'an import of ./b.ts' })
    await rm(join(project, 'pipelines/own/model.ts'))
    expect(await facts(plan())).toMatchObject({ expected: 'a module beside the pipeline' })
  })
})

async function guideNetwork(): Promise<string> {
  const guide = await readFile(join(import.meta.dirname, '../../../docs/guides/models.md'), 'utf8')
  return /```ts\n([\s\S]*?)```/.exec(guide)![1]!
}
