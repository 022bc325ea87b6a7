// Fingerprint of code: changes when the code of a stage or of anything it imports changes, and only then.
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { digestOf, sha256 } from '../../core/digest.ts'
import { installedVersions, packageOf } from './packages.ts'

/** The sources' root, also of the published package. */
export const SOURCE_DIR = fileURLToPath(new URL('../..', import.meta.url))

export interface CodeEntry {
  /** an import statement per file and the names that matter: the rest is shaken out */
  readonly source: string
  /** default: SOURCE_DIR */
  readonly dir?: string
}

/**
 * sha256 over the minified bundle of everything of ours that the entry reaches, and over the versions of the packages that
 * it imports with all their dependencies. Comments, formatting, names of local variables and unused exports do not count.
 */
export async function fingerprintCode({ source, dir = SOURCE_DIR }: CodeEntry): Promise<string> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: dir, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    packages: 'external',
    legalComments: 'none',
    logLevel: 'silent',
    absWorkingDir: dir,
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map((each) => each.path))
  const packages = [...new Set(imports.map(packageOf))].filter((name) => !isBuiltin(name))
  return digestOf({ bundle: sha256(outputFiles[0]!.contents), packages: installedVersions(packages, dir) })
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name)
}
