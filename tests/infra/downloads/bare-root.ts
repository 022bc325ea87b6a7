// A file system with nothing but Node, npm, a shell and libc: made out of this machine's files, for chroot in a mount namespace of its own.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runCommand } from '../../../infra/downloads/run-command.ts'
import { ROOT_DIR } from '../../../infra/places.ts'

/** What the launcher's script calls, beside the shell. */
const PROGRAMS = ['sh', 'uname', 'dirname', 'readlink', 'mkdir', 'rm', 'mv', 'cp', 'cmp', 'env', 'rmdir']
/** What must not be found inside. */
export const ABSENT = ['python3', 'pip', 'java', 'mvn', 'go', 'g++', 'c++', 'clang++', 'tar', 'unzip', 'git', 'curl']

/** Of glibc, which is there as a whole or not at all. */
const LIBC = [
  'librt.so.1',
  'libpthread.so.0',
  'libdl.so.2',
  'libm.so.6',
  'libutil.so.1',
  'libresolv.so.2',
  'libnss_files.so.2',
]

/** undefined: this user may make such roots; else why not. */
export function cannotChroot(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  const { status } = spawnSync('unshare', ['--mount', 'chroot', '/', '/bin/true'])
  return status === 0 ? undefined : 'needs root (unshare and chroot)'
}

/** Fills `root`: programs with the libraries they name, npm, devices, and the files of the checkout that git knows or would. */
export function makeRoot(root: string): void {
  for (const folder of ['bin', 'tmp', 'proc', 'dev', 'etc', 'home', 'sluice', 'usr/lib'])
    mkdirSync(path.join(root, folder), { recursive: true })
  for (const name of PROGRAMS) place(root, which(name), `/bin/${name}`)
  place(root, process.execPath, '/bin/node')
  const npm = path.dirname(path.dirname(realpathSync(which('npm'))))
  cpSync(npm, path.join(root, 'usr/lib/npm'), { recursive: true, dereference: true })
  symlinkSync('/usr/lib/npm/bin/npm-cli.js', path.join(root, 'bin/npm'))
  mkdirSync(path.join(root, 'usr/bin'))
  symlinkSync('/bin/env', path.join(root, 'usr/bin/env'))
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/home:/bin/sh\n')
  writeFileSync(path.join(root, 'etc/hosts'), '127.0.0.1 localhost\n') // and no name server: names of the network cannot be found
  for (const device of ['null', 'zero', 'random', 'urandom'])
    execFileSync('cp', ['-a', `/dev/${device}`, path.join(root, 'dev')])
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT_DIR })
  for (const file of files.toString().split('\0').filter(Boolean)) {
    const from = path.join(ROOT_DIR, file)
    if (existsSync(from)) cpSync(from, path.join(root, 'sluice', file), { recursive: true, verbatimSymlinks: true })
  }
}

export interface Inside {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** One command line inside; variables are those that are given and no others. */
export function runInside(root: string, line: string, env: Readonly<Record<string, string>>): Promise<Inside> {
  const enter = 'mount --bind /proc "$1/proc" && exec chroot "$1" /bin/sh -c "$2"'
  const own = { PATH: '/bin:/usr/bin:/sbin:/usr/sbin', HOME: '/home', ...env }
  const cleared = ['-i', ...Object.entries(own).map(([name, value]) => `${name}=${value}`)]
  return runCommand('env', [
    ...cleared,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    enter,
    'sh',
    root,
    line,
  ])
}

function which(name: string): string {
  const folder = (process.env.PATH ?? '').split(':').find((each) => existsSync(path.join(each, name)))
  return path.join(folder ?? '/usr/bin', name)
}

/** A program with the libraries that the loader would take, each where it is. */
function place(root: string, program: string, to: string): void {
  const real = realpathSync(program)
  cpSync(real, path.join(root, to))
  const { stdout = '' } = spawnSync('ldd', [real], { encoding: 'utf8' })
  for (const [, library = ''] of stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    placeLibrary(root, library)
    if (path.basename(library) !== 'libc.so.6') continue
    for (const part of LIBC) {
      const beside = path.join(path.dirname(library), part)
      if (existsSync(beside)) placeLibrary(root, beside)
    }
  }
}

function placeLibrary(root: string, library: string): void {
  const target = path.join(root, library)
  mkdirSync(path.dirname(target), { recursive: true })
  cpSync(realpathSync(library), target)
}
