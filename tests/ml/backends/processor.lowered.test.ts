// The project `lowered` computes as another processor would: the library is told, and where this processor can do more, its bits are others.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openTensorflow } from '../builders.ts'
import { distanceOf, rounding } from '../tolerance.ts'

const opened = await openTensorflow()
const INNER = 300
const SETTINGS = ['TF_ENABLE_ONEDNN_OPTS', 'ONEDNN_MAX_CPU_ISA', 'TF_NUM_INTRAOP_THREADS']

describe.skipIf(opened === null)('a lowered processor', () => {
  const { tf, machine } = opened!

  it('stands in the kind of machine', () => {
    const settings = { TF_ENABLE_ONEDNN_OPTS: '0', ONEDNN_MAX_CPU_ISA: 'AVX2' }
    expect(machine).toMatchObject({ threads: 1, settings })
  })

  it('multiplies to other bits and the same numbers', (context) => {
    context.skip(!machine.instructions.includes('avx512f'), 'this processor has no more than AVX2')
    const here = product(tf).dataSync()
    const elsewhere = productUnlowered()
    expect(elsewhere.some((value, i) => value !== here[i])).toBe(true)
    expect(distanceOf(here, elsewhere)).toBeLessThan(rounding(2 * INNER))
  })
})

type Tf = NonNullable<typeof opened>['tf']

/** [64, 300] · [300, 32] */
function product(tf: Tf) {
  const sines = (rows: number, columns: number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1.37 * i + rows)),
      [rows, columns],
    )
  return tf.matMul(sines(64, INNER), sines(INNER, 32))
}

/** In a process of its own, since the library looks at its settings once. */
function productUnlowered(): number[] {
  const backend = fileURLToPath(new URL('../../../ml/backend.ts', import.meta.url))
  const program = `
    const { openBackend } = await import(${JSON.stringify(backend)})
    const { tf } = await openBackend({ prefer: 'tensorflow', device: 'any' })
    const INNER = ${INNER}
    console.log(JSON.stringify([...(${product})(tf).dataSync()]))`
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.includes(name)))
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' }))
}
