// The native backend builds where it can, says why where it cannot, and costs nothing once it is there.
import { expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { checkAddon, findAddonPackage } from '../../../infra/tensorflow/addon.ts'
import { ensureNative } from '../../../infra/tensorflow/native.ts'

test('builds once, then answers at once', { timeout: 9 * 60_000 }, async (context) => {
  const { cacheDir } = loadConfig()
  const first = await ensureNative({ cacheDir })
  if (!first.ok) return context.skip(`${first.why}; ${first.fix}`)
  const startedMs = Date.now()
  expect(await ensureNative({ cacheDir })).toEqual(first)
  expect(Date.now() - startedMs).toBeLessThan(1000)
  const source = findAddonPackage()
  expect(source && (await checkAddon(source))).toEqual({ tensorflow: first.tensorflow, gpu: first.gpu })
})
