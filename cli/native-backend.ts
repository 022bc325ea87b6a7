// The native TensorFlow backend for whoever trains or serves: fetched and built when missing, with a line that says what is used.
import { ensureNative } from '../infra/native.ts'

/** Never throws: without it training falls back to WebAssembly, and the line says why. Under a second when it is there. */
export async function prepareNative(cacheDir: string, say: (line: string) => void): Promise<void> {
  const built = await ensureNative({ cacheDir, say: (line) => say(`native backend: ${line}`) })
  say(
    built.ok
      ? `native backend: TensorFlow ${built.tensorflow}${built.gpu ? ' with a GPU' : ''}`
      : `native backend: not available, training falls back to WebAssembly (${built.why}; to have it: ${built.fix})`,
  )
}
