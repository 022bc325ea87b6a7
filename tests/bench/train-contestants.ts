// Who takes part in the training benchmark: programs, their variants, and settings of the library for sluice's own process.
import path from 'node:path'

export interface Contestant {
  readonly name: string
  /** a process of its own for each different one */
  readonly program: string
  /** interpreter and file */
  readonly command: readonly [string, string]
  readonly variant: string
  readonly environment?: Readonly<Record<string, string>>
}

const SLUICE = commandOf(process.execPath, 'train-task.ts')

/** The interpreters of the peers come from SLUICE_BENCH_KERAS and SLUICE_BENCH_TORCH: Pythons that can import them. */
export function contestantsOf(settings: boolean): Contestant[] {
  if (settings) return SETTINGS
  const [keras, torch] = [process.env.SLUICE_BENCH_KERAS, process.env.SLUICE_BENCH_TORCH]
  return [
    { name: 'sluice compiled', program: 'sluice', command: SLUICE, variant: 'compiled' },
    { name: 'sluice eager', program: 'sluice', command: SLUICE, variant: 'eager' },
    ...peers('keras', keras, 'peers/train_keras.py', KERAS),
    ...peers('torch', torch, 'peers/train_torch.py', { PyTorch: 'eager' }),
  ]
}

/** Names of Keras' ways, see best Keras in train-report.ts. */
export const KERAS = { 'Keras fit': 'fit', 'tf.function': 'function', 'tf.function + XLA': 'jit' } as const

function peers(
  program: string,
  interpreter: string | undefined,
  file: string,
  variants: Readonly<Record<string, string>>,
): Contestant[] {
  if (interpreter === undefined) {
    console.log(`left out: ${program} (no interpreter given, see docs/benchmarks/training.md)`)
    return []
  }
  const command = commandOf(interpreter, file)
  return Object.entries(variants).map(([name, variant]) => ({ name, program, command, variant }))
}

/** The compiled engine in one process for each setting. */
const SETTINGS: Contestant[] = Object.entries({
  'as it is': {},
  'XLA clusters': { TF_XLA_FLAGS: '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' },
  'no oneDNN': { TF_ENABLE_ONEDNN_OPTS: '0' },
  'bfloat16 products': { TF_SET_ONEDNN_FPMATH_MODE: 'BF16' },
  'one operation at a time': { TF_NUM_INTEROP_THREADS: '1' },
}).map(([name, environment]) => ({ name, program: name, command: SLUICE, variant: 'compiled', environment }))

function commandOf(interpreter: string, file: string): [string, string] {
  return [interpreter, path.join(import.meta.dirname, file)]
}
