// Whether this machine can have the native TensorFlow backend at all, and whether it has an NVIDIA GPU.
import { existsSync } from 'node:fs'
import { runCommand } from '../downloads/run-command.ts'

export interface Refused {
  readonly ok: false
  readonly why: string
  /** what a person can do about it; without it sluice works on, slower */
  readonly fix: string
}

export function refused(why: string, fix: string): Refused {
  return { ok: false, why, fix }
}

/** undefined: there is a library for this platform. */
export function unfitPlatform(platform: string = process.platform, arch: string = process.arch): Refused | undefined {
  if (platform === 'linux' && ['x64', 'arm64'].includes(arch)) return undefined
  const why = `there is no TensorFlow library for ${platform}-${arch} in the package index`
  return refused(why, 'use Linux with glibc on x64 or arm64')
}

/** Takes a tenth of a second: to be asked only before something is built. */
export function unfitLoader(): Refused | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  if (header.glibcVersionRuntime !== undefined) return undefined
  return refused('this Node is built for musl, the TensorFlow library for glibc', 'use a Debian-like system')
}

/** The kernel's driver, and a GPU that was given to this process: a container may see the first without the second. */
export async function hasNvidiaGpu(): Promise<boolean> {
  if (!existsSync('/proc/driver/nvidia/version')) return false
  return existsSync('/dev/nvidiactl') || (await runCommand('nvidia-smi', ['-L'], { timeoutMs: 20_000 })).code === 0
}
