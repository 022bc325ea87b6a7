// The repository's files and imports, as its own tests look at them.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')
const SKIPPED = new Set(['node_modules', '.git', '.sluice', 'dist', 'coverage'])

/** Every file of the repository, relative to its root. */
function walk(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [relative(root, path)]
  })
}

export const files = walk()
export const read = (file: string): string => readFileSync(join(root, file), 'utf8')
export const linesOf = (file: string): number => read(file).trimEnd().split('\n').length
/** The outermost folder; "." at the root. */
export const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
export const code = files.filter((file) => file.endsWith('.ts'))
export const product = code.filter((file) => folderOf(file) !== 'tests')
export const documents = files.filter((file) => file.endsWith('.md'))
export const packageJson = JSON.parse(read('package.json')) as Record<string, Record<string, string>>

export interface Import {
  readonly file: string
  readonly from: string
  /** `import type`: gone when the program runs */
  readonly typeOnly: boolean
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'/gm
const BARE = /^import\s+'([^']+)'/gm
const DYNAMIC = /\b(?:import|require|resolve|load)\(\s*'([^']+)'\s*\)/g

function importsOf(file: string): Import[] {
  const text = read(file)
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, from]) => ({ file, from: from!, typeOnly: type !== undefined })),
    ...[...text.matchAll(BARE), ...text.matchAll(DYNAMIC)].map(([, from]) => ({ file, from: from!, typeOnly: false })),
  ]
}

export const imports = product.flatMap(importsOf)
export const isOurs = ({ from }: Import): boolean => from.startsWith('.') || from === 'sluice'
export const show = ({ file, from }: Import): string => `${file} → ${from}`
/** The file of ours that is imported, relative to the root. */
export const targetOf = ({ file, from }: Import): string =>
  from === 'sluice' ? 'index.ts' : normalize(join(dirname(file), from))
