// WebGPU passes the suite and trains, on whatever adapter Dawn finds; the title says which, and one that plays a GPU is not called one.
import { expect, test } from 'vitest'
import { openBackend } from '../../ml/backend.ts'
import { isFailure } from '../../schemas/failures.ts'
import { describeBackend } from '../conformance/backend.suite.ts'
import { distanceOf, ON_A_GPU, TRAINING_CONDITION } from '../ml/tolerance.ts'
import { trainedAlike, trainOn } from '../ml/train-on.ts'

await describeBackend('webgpu')

test('never calls SwiftShader a GPU', async (context) => {
  const opened = await openBackend({ prefer: 'webgpu', device: 'any' }).catch((error: unknown) => error)
  if (isFailure(opened, 'DEVICE_MISSING')) return context.skip(String(opened.facts.found))
  const { deviceName, device } = (opened as Awaited<ReturnType<typeof openBackend>>).info
  if (/swiftshader|llvmpipe/i.test(deviceName ?? '')) {
    expect(device).toBe('cpu')
    const refused = await openBackend({ prefer: 'webgpu', device: 'gpu' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'DEVICE_MISSING' })
  }
})

// minutes on SwiftShader beside other work, seconds on a GPU
test('trains as cpu does', { timeout: 5 * 60_000 }, async (context) => {
  const opened = await openBackend({ prefer: 'webgpu', device: 'any' }).catch((error: unknown) => error)
  if (isFailure(opened, 'DEVICE_MISSING')) return context.skip(String(opened.facts.found))
  const expected = await trainOn('cpu', 0)
  const tolerance = trainedAlike() + TRAINING_CONDITION * ON_A_GPU
  expect(distanceOf(await trainOn('webgpu', 0), expected)).toBeLessThan(tolerance)
})
