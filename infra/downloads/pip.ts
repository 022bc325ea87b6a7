// Fetches the Python packages of tests' peers with the machine's pip, which checks each file's sha256 against the committed list.
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { LOCKS_DIR } from './locks.ts'
import { lastLines, runCommand } from './run-command.ts'
import { findTool, toolMissing } from './tools.ts'

export interface PipInstall {
  /** file name in infra/locks */
  readonly lock: string
  /** empty folder that receives the unpacked wheel */
  readonly folder: string
  /** what the wheel holds, for messages */
  readonly what: string
  readonly say: (line: string) => void
}

/** Unpacks the wheels of a lock file into a folder. Throws when pip is missing or refuses a file. */
export async function pipInstall({ lock, folder, what, say }: PipInstall): Promise<void> {
  await pip(['install', '--no-compile', '--target', folder], { lock, what, say })
}

async function pip(args: readonly string[], { lock, what, say }: Omit<PipInstall, 'folder'>): Promise<void> {
  const tool = await findTool('pip')
  if (tool === undefined) throw toolMissing('pip', `fetching ${what}`)
  const [program, ...first] = tool.command
  const always = ['--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes', '--disable-pip-version-check']
  const result = await runCommand(
    program,
    [...first, ...args, ...always, '--requirement', path.join(LOCKS_DIR, lock)],
    { progress: { label: `fetching ${what}`, say } },
  )
  if (result.code !== 0) {
    throw failure('DOWNLOAD_FAILED', { program: 'pip', name: what, detail: lastLines(result) })
  }
}
