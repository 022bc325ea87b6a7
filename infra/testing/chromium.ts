// A browser for the tests that need a real one: found, or installed where that is possible without asking anybody.
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { lastLines, runCommand } from '../downloads/run-command.ts'

export type ChromiumResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly why: string; readonly fix: string }

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const FIX = 'install chromium (Debian: apt-get install -y chromium), or name one in the variable CHROMIUM'

/** CHROMIUM when set, else the first Chromium or Chrome on the PATH; undefined when there is none. */
export async function findChromium(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  if (env.CHROMIUM) return isProgram(env.CHROMIUM) ? env.CHROMIUM : undefined
  const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin']
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isProgram)
}

/** Installs Debian's chromium when none is found and this process may; never throws. */
export async function ensureChromium({
  say,
  env = process.env,
}: {
  readonly say: (line: string) => void
  readonly env?: Readonly<Record<string, string | undefined>>
}): Promise<ChromiumResult> {
  const found = await findChromium(env)
  if (found !== undefined) return { ok: true, path: found }
  if (env.CHROMIUM) return { ok: false, why: `CHROMIUM names ${env.CHROMIUM}, which is no program`, fix: FIX }
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return { ok: false, why: 'no Chromium or Chrome on this machine, and only root can install one', fix: FIX }
  }
  say('installing chromium with apt-get (about a minute)')
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const result = await runCommand('apt-get', ['-qq', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs: 8 * 60_000,
      progress: { label: 'installing chromium', say },
    })
    if (result.code !== 0) return { ok: false, why: `apt-get ${args[0]} failed: ${lastLines(result, 2)}`, fix: FIX }
  }
  const installed = await findChromium(env)
  if (installed === undefined) return { ok: false, why: 'apt-get installed no chromium', fix: FIX }
  return { ok: true, path: installed }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return path.isAbsolute(file)
  } catch {
    return false
  }
}
