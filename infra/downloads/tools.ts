// The programs of the machine that infra/ builds on: where they are, whether they are new enough, how to get them.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { runCommand } from './run-command.ts'

export type ToolName = 'java' | 'mvn' | 'go' | 'pip' | 'c++'

export interface Tool {
  /** program and first arguments, for example ['python3', '-m', 'pip'] */
  readonly command: readonly [string, ...string[]]
  readonly version: string
}

interface ToolKind {
  /** in the order of preference; read anew each time, the environment may name one */
  readonly candidates: () => readonly (readonly [string, ...string[]])[]
  readonly versionArgs: readonly string[]
  /** its first group is the version */
  readonly pattern: RegExp
  /** smallest [major, minor] that works */
  readonly atLeast: readonly [number, number]
  readonly packages: { readonly apt: string; readonly brew: string }
}

const TOOLS: Record<ToolName, ToolKind> = {
  java: {
    candidates: () => {
      const { JAVA_HOME } = process.env
      return JAVA_HOME ? [['java'], [path.join(JAVA_HOME, 'bin', 'java')]] : [['java']]
    },
    versionArgs: ['-version'],
    pattern: /version "?(\d+(?:\.\d+)*)/,
    atLeast: [17, 0],
    packages: { apt: 'openjdk-17-jre-headless', brew: 'openjdk' },
  },
  mvn: {
    candidates: () => [['mvn']],
    versionArgs: ['--version'],
    pattern: /Apache Maven (\d+\.\d+\S*)/,
    atLeast: [3, 6],
    packages: { apt: 'maven', brew: 'maven' },
  },
  go: {
    candidates: () => [['go']],
    versionArgs: ['version'],
    pattern: /go version go(\d+\.\d+\S*)/,
    atLeast: [1, 25],
    packages: { apt: 'golang-go', brew: 'go' },
  },
  pip: {
    candidates: () => [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']],
    versionArgs: ['--version'],
    pattern: /^pip (\d+\.\d+\S*)/,
    atLeast: [20, 3], // the first that knows manylinux_2_x wheels
    packages: { apt: 'python3-pip', brew: 'python' },
  },
  'c++': {
    candidates: () => [['g++'], ['clang++'], ['c++']],
    versionArgs: ['-dumpversion'],
    pattern: /^(\d+(?:\.\d+)*)/,
    atLeast: [7, 0],
    packages: { apt: 'g++', brew: 'gcc' },
  },
}

/** The first candidate that runs and is new enough. */
export async function findTool(name: ToolName): Promise<Tool | undefined> {
  const { candidates, versionArgs, pattern, atLeast } = TOOLS[name]
  for (const command of candidates()) {
    const { code, stdout, stderr } = await runCommand(command[0], [...command.slice(1), ...versionArgs], {
      timeoutMs: 20_000,
    })
    // without colours: Maven prints its name in bold where it believes in a terminal
    const version = pattern.exec(stripColours(stdout + stderr))?.[1]
    if (code === 0 && version !== undefined && isAtLeast(version, atLeast)) return { command, version }
  }
  return undefined
}

/** The command that installs a tool on this kind of machine. */
export function installHint(name: ToolName): string {
  const { packages, atLeast } = TOOLS[name]
  const wanted = `${name} ${atLeast.join('.')} or newer`
  if (process.platform === 'darwin') return `brew install ${packages.brew} (needs ${wanted})`
  if (existsSync('/usr/bin/apt-get')) return `apt-get install -y ${packages.apt} (needs ${wanted})`
  return `install ${wanted} with your package manager`
}

/** The failure of a missing tool; never called for one that was found. */
export function toolMissing(name: ToolName, purpose: string): Error {
  return failure('PREREQUISITE_MISSING', {
    name: `${name} ${neededVersion(name)} or newer`,
    purpose,
    found: 'none that fits',
    fix: installHint(name),
  })
}

/** The smallest version that works, as text. */
export function neededVersion(name: ToolName): string {
  return TOOLS[name].atLeast.join('.')
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}

function stripColours(text: string): string {
  const escapeCharacter = String.fromCharCode(27)
  return text.replaceAll(new RegExp(`${escapeCharacter}\\[[0-9;]*m`, 'g'), '')
}
