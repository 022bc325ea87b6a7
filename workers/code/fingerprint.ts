// Fingerprint of code: changes when the code of a stage or of anything it imports changes, and only then.
import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, transform } from 'esbuild'
import { digestOf, sha256 } from '../../core/digest.ts'
import type { CodeParts } from '../../schemas/code.ts'
import { installedVersions, packageOf } from './packages.ts'

/** The sources' root, also of the published package. */
export const SOURCE_DIR = fileURLToPath(new URL('../..', import.meta.url))
/** Hex digits of a module's digest: they are compared with those of the same file alone. */
const MODULE_DIGITS = 16

export interface CodeEntry {
  /** an import statement per file and the names that matter: the rest is shaken out */
  readonly source: string
  /** default: SOURCE_DIR */
  readonly dir?: string
}

export interface Code {
  /**
   * sha256 over the minified bundle of everything of ours that the entry reaches, and over the versions of the packages that
   * it imports with all their dependencies. Comments, formatting, names of local variables and unused exports do not count.
   */
  readonly fingerprint: string
  /** what it was taken of: where two fingerprints differ, these say which files and packages do */
  readonly parts: CodeParts
}

export async function readCode({ source, dir = SOURCE_DIR }: CodeEntry): Promise<Code> {
  const { fingerprint, packages, metafile } = await bundleOf({ source, dir })
  return { fingerprint, parts: { kind: 'code', modules: await moduleDigests(metafile, dir), packages } }
}

/** The fingerprint alone. */
export async function fingerprintCode({ source, dir = SOURCE_DIR }: CodeEntry): Promise<string> {
  return (await bundleOf({ source, dir })).fingerprint
}

async function bundleOf({ source, dir }: Required<CodeEntry>) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: dir, loader: 'ts' },
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
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
  const names = [...new Set(imports.map(packageOf))].filter((name) => !isBuiltin(name))
  const packages = installedVersions(names, dir)
  const fingerprint = digestOf({ bundle: sha256(await shortNames(outputFiles[0]!.text)), packages })
  return { fingerprint, packages, metafile }
}

/**
 * Names of local variables count no longer. The short ones are chosen by how often letters occur in the text, also in what is left out of it:
 * only of a text that holds nothing else they are the same for the sources and for the JavaScript of the package.
 */
async function shortNames(code: string): Promise<string> {
  return (await transform(code, { minifyIdentifiers: true, minifyWhitespace: true, format: 'esm', target: 'esnext' }))
    .code
}

/** Of the files that the bundle holds something of, by the names of their sources. */
async function moduleDigests({ outputs }: Metafile, dir: string): Promise<CodeParts['modules']> {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 && file !== '<stdin>' ? file : [],
    ),
  )
  const digests = files
    .toSorted()
    .map(async (file) => [file.replace(/\.js$/, '.ts'), await moduleDigest(path.join(dir, file))] as const)
  return Object.fromEntries(await Promise.all(digests))
}

/** Without comments and formatting, which decide nothing, nor do the endings of the files that it imports. */
async function moduleDigest(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const loader = path.extname(file) === '.json' ? 'json' : 'ts'
  const { code } = await transform(text, {
    loader,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    target: 'esnext',
    legalComments: 'none',
  })
  const withoutEndings = (await shortNames(code)).replace(/"(\.{1,2}\/[^"]+)\.[jt]s"/g, '"$1"')
  return sha256(withoutEndings).slice(0, MODULE_DIGITS)
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name)
}
