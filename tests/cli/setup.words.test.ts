// What `sluice setup` says before it downloads, and how a backend is described to people.
import { expect, test } from 'vitest'
import { backendWords, planLines } from '../../cli/native-backend.ts'
import type { NativePlan } from '../../infra/tensorflow/plan.ts'

const PLAN: NativePlan = {
  ok: true,
  variant: 'cuda',
  tensorflow: '2.21.0',
  wheels: ['tensorflow 2.21.0', 'nvidia-cublas-cu12 12.9.3.13'],
  source: 'wheel',
  archive: null,
  libraryDir: '/cache/tensorflow',
  addon: '/project/addon.node',
  downloadBytes: 3.4e9,
  diskBytes: 5.3e9,
  ready: false,
}

test('says what, from where, to where, how much', () => {
  expect(planLines(PLAN).join('\n')).toBe(
    `TensorFlow 2.21.0 for NVIDIA GPUs
  from      the Python wheels tensorflow 2.21.0, nvidia-cublas-cu12 12.9.3.13
  library   /cache/tensorflow
  addon     /project/addon.node
  download  3.4 GB, 5.3 GB once unpacked
  state     to be fetched and built`,
  )
})

test('says when there is nothing to do', () => {
  const lines = planLines({ ...PLAN, variant: 'cpu', downloadBytes: 0, ready: true })
  expect(lines[0]).toBe('TensorFlow 2.21.0 for processors')
  expect(lines.slice(-2)).toEqual(['  download  nothing, the library is there', '  state     built before'])
})

test('names the archive, whose size it cannot know', () => {
  const archive = 'https://mirror.test/libtensorflow.tar.gz'
  const lines = planLines({
    ...PLAN,
    source: 'stock',
    wheels: [],
    archive,
    downloadBytes: null,
    diskBytes: null,
  })
  expect(lines[1]).toBe(`  from      ${archive}`)
  expect(lines.slice(-2)).toEqual(['  download  the archive', '  state     to be fetched and built'])
})

test('names device, CUDA and driver', () => {
  const gpu = { name: 'tensorflow', version: 'TensorFlow 2.21.0', device: 'gpu', why: '' } as const
  expect(backendWords({ ...gpu, deviceName: 'NVIDIA H200', cuda: '12', driver: '570.86.15' })).toBe(
    'TensorFlow 2.21.0 on NVIDIA H200 (gpu; CUDA 12; driver 570.86.15)',
  )
  expect(backendWords({ name: 'cpu', version: 'tfjs 4.22.0', device: 'cpu', why: '' })).toBe('tfjs 4.22.0 on cpu (cpu)')
})
