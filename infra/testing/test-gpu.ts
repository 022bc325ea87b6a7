// `npm run test:gpu`: what every backend must compute, on the GPUs of this machine; says what is not there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { loadConfig } from '../../core/config.ts'
import { ROOT_DIR, TEST_STATE_DIR } from '../places.ts'
import { ensureNative } from '../tensorflow/native.ts'
import { hasNvidiaGpu } from '../tensorflow/platform.ts'
import { softwareVulkan } from './software-vulkan.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  if (await hasNvidiaGpu()) {
    const { cacheDir, libtensorflow: archive } = loadConfig()
    const native = await ensureNative({ cacheDir, archive, gpu: true, say: (line) => console.log(`native: ${line}`) })
    if (!native.ok) console.log(`native: not available: ${native.why}; ${native.fix}`)
  } else {
    console.log('no NVIDIA GPU: the tests of TensorFlow on CUDA are skipped')
  }
  const software = await softwareVulkan(path.join(TEST_STATE_DIR, 'vulkan'))
  if (software.VK_ICD_FILENAMES !== undefined) {
    console.log('no Vulkan driver: WebGPU is tested on SwiftShader, a GPU played by the processor')
  }
  return await runVitest(args, {
    ...software,
    // otherwise Ampere and later GPUs multiply with the 10 bits of TF32, and no gradient fits its differences
    NVIDIA_TF32_OVERRIDE: '0',
  })
}

async function runVitest(args: readonly string[], env: Record<string, string>): Promise<number> {
  const vitest = path.join(ROOT_DIR, 'node_modules', 'vitest', 'vitest.mjs')
  const config = path.join(ROOT_DIR, 'tests', 'gpu', 'vitest.config.ts')
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, '--reporter=verbose', ...args], {
    cwd: ROOT_DIR,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  process.on('SIGINT', () => {}) // the terminal sends it to the child as well
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}
