// Entry for image builds: makes the native TensorFlow backend ready ahead of time (--gpu: the CUDA library), and fails where it cannot be.
import { loadConfig } from '../../core/config.ts'
import { ensureNative } from './native.ts'

const gpu = process.argv.includes('--gpu')
const { cacheDir, libtensorflow: archive } = loadConfig()
const result = await ensureNative({
  cacheDir,
  archive,
  say: (line) => console.log(line),
  ...(gpu && { gpu }),
})
if (!result.ok) {
  console.error(`${result.why}; ${result.fix}`)
  process.exitCode = 1
}
