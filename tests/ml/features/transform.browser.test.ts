// The file that transforms in training and serving runs in a browser as it is, and gives the same bits there.
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { compileTransform, parseRow } from '../../../ml/features/transform.ts'
import { PLAN, TRANSFORM } from '../flowers.ts'

interface Bundle {
  compileTransform: typeof compileTransform
  parseRow: typeof parseRow
}

/** Bundled as for a page: an import of a Node module fails the build. */
async function inBrowser(): Promise<Bundle> {
  const entry = fileURLToPath(new URL('../../../ml/features/transform.ts', import.meta.url))
  const options = { platform: 'browser', format: 'iife', globalName: 'bundle', bundle: true, write: false } as const
  const { outputFiles } = await build({ entryPoints: [entry], ...options })
  const page = createContext({})
  runInContext(outputFiles[0]!.text, page)
  return (page as { bundle: Bundle }).bundle
}

describe('the transform in a browser', () => {
  it('gives the same bits', async () => {
    const bundle = await inBrowser()
    for (const json of [{ petal: 3.1, colour: 'red', wild: true }, { colour: 'blue' }, { petal: 99 }]) {
      const there = bundle.compileTransform(TRANSFORM).applyRow(bundle.parseRow(PLAN.columns, TRANSFORM, json))
      const here = compileTransform(TRANSFORM).applyRow(parseRow(PLAN.columns, TRANSFORM, json))
      expect([...there]).toEqual([...here])
    }
  })
})
