// Exported SavedModels answer in TensorFlow's own Python as the model does here.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { ensurePythonPeers } from '../../../infra/testing/python-peers.ts'
import { exportModel } from '../../../ml/export/export-model.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, largestDifference, rounding } from '../tolerance.ts'
import { exportCases, ROOT } from './export-cases.ts'

const READER = fileURLToPath(new URL('../../fixtures/export/load_saved_model.py', import.meta.url))
const opened = await openTensorflow()
const TOLERANCE = rounding(CHAIN.network)

interface Answer {
  readonly outputs: number[][]
  readonly signature: [name: string, shape: (number | null)[], dtype: string]
}

/** Fetches TensorFlow for Python the first time (290 MB). */
async function answersOfPython(
  jobs: readonly { folder: string; inputs: unknown }[],
  skip: (condition: boolean, why: string) => void,
): Promise<Answer[]> {
  const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir, group: 'tensorflow' })
  if (!peers.ok) skip(true, `${peers.why}: ${peers.fix}`)
  if (!peers.ok) return []
  const env = { ...process.env, PYTHONPATH: peers.path, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' }
  const { status, stdout, stderr } = spawnSync(peers.command, [READER], { env, input: JSON.stringify(jobs) })
  expect(status, String(stderr)).toBe(0)
  return JSON.parse(String(stdout).trim().split('\n').at(-1)!) as Answer[]
}

describe.skipIf(opened === null)('a SavedModel', () => {
  const { tf } = opened!

  it('answers in Python as here', { timeout: 600_000 }, async ({ skip }) => {
    const cases = await exportCases(tf, TOLERANCE)
    const folder = mkdtempSync(join(tmpdir(), 'sluice-test-export-'))
    try {
      const jobs = await Promise.all(
        cases.map(async ({ weights, golden }, i) => {
          const { files, rows } = await exportModel(tf, { weights, golden, format: 'saved-model', projectDir: ROOT })
          expect(rows).toBeNull()
          const own = join(folder, String(i))
          mkdirSync(own)
          for (const [name, bytes] of Object.entries(files)) writeFileSync(join(own, name), bytes)
          return { folder: own, inputs: golden.inputs }
        }),
      )
      const answers = await answersOfPython(jobs, skip)
      answers.forEach(({ outputs, signature }, i) => {
        const { name, golden } = cases[i]!
        expect(signature).toEqual(['inputs', [null, golden.inputs[0]!.length], 'float32'])
        expect(largestDifference(outputs.flat(), golden.outputs.flat()), name).toBeLessThan(TOLERANCE)
        expect(outputs.map(({ length }) => length)).toEqual(golden.outputs.map(({ length }) => length))
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is refused where golden answers differ', async () => {
    const [{ weights, golden }] = (await exportCases(tf, TOLERANCE)) as [Awaited<ReturnType<typeof exportCases>>[0]]
    const outputs = golden.outputs.map((row, r) => (r === 3 ? row.map((value) => value + 1e-3) : row))
    const wrong = { weights, golden: { ...golden, outputs }, format: 'saved-model' } as const
    await expect(exportModel(tf, wrong)).rejects.toMatchObject({ code: 'EXPORT_DIFFERS' })
  })

  it('has the same bytes each time', async () => {
    const [{ weights, golden }] = (await exportCases(tf, TOLERANCE)) as [Awaited<ReturnType<typeof exportCases>>[0]]
    const make = () => exportModel(tf, { weights, golden, format: 'saved-model', projectDir: ROOT })
    const [first, second] = [await make(), await make()]
    expect(Buffer.compare(first.files['saved_model.pb']!, second.files['saved_model.pb']!)).toBe(0)
  })

  it('leaves no tensor behind', async () => {
    const [{ weights, golden }] = (await exportCases(tf, TOLERANCE)) as [Awaited<ReturnType<typeof exportCases>>[0]]
    const before = tf.memory().numTensors
    await exportModel(tf, { weights, golden, format: 'saved-model', projectDir: ROOT })
    await exportModel(tf, { weights, golden, format: 'tfjs', projectDir: ROOT })
    expect(tf.memory().numTensors).toBe(before)
  })
})
