// Jars from a Maven repository, each checked against a committed list of sha256 sums.
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from './cache.ts'
import { digestFile } from './digest-file.ts'
import { LOCKS_DIR } from './pip.ts'
import { lastLines, runCommand } from './run-command.ts'
import { ensureJava, type Fetching } from './toolchains.ts'
import { findTool, toolMissing } from './tools.ts'
import { VERSIONS } from './versions.ts'

export interface LockedJar {
  readonly name: string
  /** in a Maven repository */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

export interface Libraries extends Fetching {
  /** name of the folder in the cache and, with ".lock", of the list in infra/locks */
  readonly name: string
  /** for messages, e.g. "Kafka 4.4.0 (45 jars, 45 MB)" */
  readonly what: string
  /** group:artifact:version, with all that they need; default: exactly the jars of the list */
  readonly dependencies?: readonly string[]
}

/** Returns the folder that holds `libs/*.jar`. Throws when Maven is missing or a jar is not the locked one. */
export function ensureLibraries({ cacheDir, say, name, what, dependencies }: Libraries): Promise<string> {
  return cachedFolder({
    cacheDir,
    name,
    fill: async (folder) => {
      const maven = await findMaven({ cacheDir, say }, what)
      say(`fetching ${what}`)
      const jars = parseLock(await readFile(path.join(LOCKS_DIR, `${name}.lock`), 'utf8'))
      await writeFile(path.join(folder, 'pom.xml'), dependencies === undefined ? exactPom(jars) : pom(dependencies))
      const result = await runCommand('mvn', mavenArgs(folder), {
        env: maven.env,
        progress: { label: `fetching ${what}`, say },
      })
      if (result.code !== 0) {
        throw failure('DOWNLOAD_FAILED', { program: 'Maven', name: what, detail: lastLines(result) })
      }
      await checkJars(path.join(folder, 'libs'), jars)
      await rm(path.join(folder, 'pom.xml'))
    },
  })
}

/** Reads lines of `sha256 bytes repository/path.jar`. */
export function parseLock(text: string): LockedJar[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [sha256 = '', bytes = '', file = ''] = line.split(' ')
      return { name: path.posix.basename(file), path: file, sha256, bytes: Number(bytes) }
    })
}

/** Throws unless the folder holds exactly the locked jars. */
export async function checkJars(folder: string, jars: readonly LockedJar[]): Promise<void> {
  const found = new Set(await readdir(folder))
  for (const { name, sha256, bytes } of jars) {
    if (!found.delete(name)) throw brokenJar(name, 'present', 'absent')
    const size = (await stat(path.join(folder, name))).size
    if (size !== bytes) throw brokenJar(name, `${bytes} bytes`, `${size} bytes`)
    const digest = await digestFile(path.join(folder, name))
    if (digest !== sha256) throw brokenJar(name, `sha256 ${sha256}`, `sha256 ${digest}`)
  }
  for (const name of found) throw brokenJar(name, 'absent', 'present')
}

/** A damaged jar sits in Maven's own repository as well: the next run finds it there again, so say where to look. */
function brokenJar(name: string, expected: string, found: string): Error {
  return failure('DOWNLOAD_BROKEN', {
    name: `${name} (remove it from Maven's repository, ~/.m2/repository)`,
    expected,
    found,
  })
}

async function findMaven(fetching: Fetching, what: string): Promise<{ env: Readonly<Record<string, string>> }> {
  const { env } = await ensureJava(fetching)
  const result = await runCommand('mvn', ['--version'], { env, timeoutMs: 30_000 })
  if (result.code !== 0 && (await findTool('mvn')) === undefined) {
    throw toolMissing('mvn', `fetching ${what}`)
  }
  return { env }
}

function mavenArgs(folder: string): string[] {
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${VERSIONS.mavenDependencyPlugin}:copy-dependencies`
  return [
    '-q',
    '-B',
    '-f',
    path.join(folder, 'pom.xml'),
    goal,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${path.join(folder, 'libs')}`,
  ]
}

/** Each jar for itself, without what it names as its dependencies. */
function exactPom(jars: readonly LockedJar[]): string {
  const nothingElse = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  const coordinates = jars.map((jar) => {
    const [version, artifact, ...group] = path.posix.dirname(jar.path).split('/').toReversed()
    return `${group.toReversed().join('.')}:${artifact}:${version}`
  })
  return pom(coordinates, nothingElse)
}

function pom(dependencies: readonly string[], more = ''): string {
  const entries = dependencies.map((dependency) => {
    const [group, artifact, version] = dependency.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>libraries</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${entries.join('\n    ')}
  </dependencies>
</project>
`
}
