// The settings that choose what computes.
import { expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'

test.each(['tensorflow', 'webgpu', 'wasm', 'cpu'])('SLUICE_BACKEND names %s', (name) => {
  expect(loadConfig({ SLUICE_BACKEND: name }).backend).toBe(name)
})

test('less than a GPU needs a word', () => {
  expect(loadConfig({}).gpuFallback).toBe(false)
  expect(loadConfig({ SLUICE_GPU_FALLBACK: '1' }).gpuFallback).toBe(true)
})

test('other words are refused', () => {
  expect(() => loadConfig({ SLUICE_BACKEND: 'cuda' })).toThrow(/SLUICE_BACKEND.*tensorflow \| webgpu \| wasm \| cpu/)
  expect(() => loadConfig({ SLUICE_GPU_FALLBACK: 'yes' })).toThrow(/SLUICE_GPU_FALLBACK.*0 \| 1/)
})
