// TensorFlow on CUDA passes the suite, trains, and says what it runs on.
import { expect, test } from 'vitest'
import { openBackend } from '../../ml/backend.ts'
import { isFailure } from '../../schemas/failures.ts'
import { describeBackend } from '../conformance/backend.suite.ts'
import { distanceOf, ON_A_GPU, TRAINING_CONDITION } from '../ml/tolerance.ts'
import { trainedAlike, trainOn } from '../ml/train-on.ts'

await describeBackend('tensorflow', { device: 'gpu' })

test('says which GPU, driver and CUDA it uses', async (context) => {
  const opened = await openBackend({ prefer: 'tensorflow', device: 'gpu' }).catch((error: unknown) => error)
  if (isFailure(opened, 'DEVICE_MISSING')) return context.skip(String(opened.facts.found))
  expect(opened).toMatchObject({
    info: {
      device: 'gpu',
      deviceName: expect.stringMatching(/NVIDIA/),
      driver: expect.stringMatching(/^\d+\.\d+/),
      cuda: expect.stringMatching(/^\d+/),
      library: expect.stringContaining('libtensorflow_cc'),
    },
  })
})

test('trains as cpu does', async (context) => {
  const opened = await openBackend({ prefer: 'tensorflow', device: 'gpu' }).catch((error: unknown) => error)
  if (isFailure(opened, 'DEVICE_MISSING')) return context.skip(String(opened.facts.found))
  const expected = await trainOn('cpu', 0)
  const tolerance = trainedAlike() + TRAINING_CONDITION * ON_A_GPU
  expect(distanceOf(await trainOn('tensorflow', 0), expected)).toBeLessThan(tolerance)
})
