// What is said about an NVIDIA GPU is what its driver says; texts as Linux shows them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadedLibraries, nvidiaFacts } from '../../ml/backends/nvidia.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-nvidia-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function addCard(address: string, model: string): void {
  const card = join(folder, 'gpus', address)
  mkdirSync(card, { recursive: true })
  writeFileSync(join(card, 'information'), `Model: \t\t ${model}\nIRQ:   \t\t 32\nGPU UUID: \t GPU-0c\n`)
}

describe('nvidiaFacts', () => {
  it.each([
    ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023', '535.104.05'],
    [
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs-builder)\nGCC version:',
      '570.86.15',
    ],
  ])('reads the driver from %s', (text, driver) => {
    writeFileSync(join(folder, 'version'), text)
    expect(nvidiaFacts(folder)).toEqual({ deviceName: 'an NVIDIA GPU', driver })
  })
  it('names each model once', () => {
    addCard('0000:18:00.0', 'NVIDIA H200')
    addCard('0000:2a:00.0', 'NVIDIA H200')
    addCard('0000:3a:00.0', 'NVIDIA T400 4GB')
    expect(nvidiaFacts(folder).deviceName).toBe('NVIDIA H200, NVIDIA T400 4GB')
  })
  it('knows nothing without a driver', () => {
    expect(nvidiaFacts(join(folder, 'none'))).toEqual({ deviceName: 'an NVIDIA GPU' })
  })
})

describe('loadedLibraries', () => {
  const line = (file: string): string => `7f0c0e000000-7f0c2e000000 r-xp 00000000 fe:00 131 ${' '.repeat(16)}${file}\n`
  it('finds TensorFlow and CUDA in a memory map', () => {
    const maps = ['/c/tensorflow/libtensorflow_cc.so.2', '/c/nvidia/cuda_runtime/lib/libcudart.so.12', '/lib/libc.so.6']
    expect(loadedLibraries(maps.map(line).join(''))).toEqual({
      tensorflow: '/c/tensorflow/libtensorflow_cc.so.2',
      cuda: '12',
    })
  })
  it('names nothing that is not loaded', () => {
    expect(loadedLibraries(line('/lib/libc.so.6'))).toEqual({})
  })
})
