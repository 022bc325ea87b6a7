// Which files and packages two fingerprints of a stage's code differ in.
import type { CodeParts } from '../../schemas/code.ts'
import { objectKey, shortDigest } from '../../schemas/ids.ts'
import { listed } from '../../schemas/shown.ts'
import type { StageRecord } from '../memo.ts'
import { readJson } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

/** A fingerprint and, where they are known, its parts. */
export interface KnownCode {
  readonly fingerprint: string
  readonly parts: CodeParts | null
}

/** Of a record. Where it has no list itself, another one of the same fingerprint may have. */
export async function codeOf(
  store: Store,
  record: Pick<StageRecord<unknown>, 'inputs' | 'codeParts'>,
  records: readonly StageRecord<unknown>[] = [],
): Promise<KnownCode> {
  const fingerprint = record.inputs.code ?? ''
  const sha256 =
    record.codeParts ?? records.find((each) => each.inputs.code === fingerprint && each.codeParts)?.codeParts
  if (sha256 === undefined) return { fingerprint, parts: null }
  const key = objectKey('code', sha256, 'json')
  return { fingerprint, parts: await readJson<CodeParts>(store, { key, sha256 }).catch(() => null) }
}

/** A line per kind of difference; none: one fingerprint. Pure. */
export function codeDifferences(before: KnownCode, now: KnownCode): string[] {
  if (before.fingerprint === now.fingerprint) return []
  if (before.parts === null || now.parts === null) {
    const [a, b] = [before, now].map(({ fingerprint }) => shortDigest(fingerprint))
    const older = before.parts === null ? a : b
    return [`code ${a} → ${b}: which files differ is not known, ${older} was made before their list was kept`]
  }
  const { modules: old, packages: oldPackages } = before.parts
  const { modules, packages } = now.parts
  const changed = Object.keys(modules).filter((file) => old[file] !== undefined && old[file] !== modules[file])
  const lines = [
    ...line('changed', changed),
    ...line(
      'new',
      Object.keys(modules).filter((file) => old[file] === undefined),
    ),
    ...line(
      'gone',
      Object.keys(old).filter((file) => modules[file] === undefined),
    ),
    ...packageDifferences(oldPackages, packages),
  ]
  return lines.length > 0 ? lines : ['the same files are bundled in another way, e.g. by another version of esbuild']
}

function line(what: string, files: readonly string[]): string[] {
  return files.length === 0 ? [] : [`${files.length === 1 ? 'file' : 'files'} ${what}: ${listed(files)}`]
}

function packageDifferences(before: readonly string[], now: readonly string[]): string[] {
  const [came, went] = [now.filter((each) => !before.includes(each)), before.filter((each) => !now.includes(each))]
  if (came.length + went.length === 0) return []
  return [`packages: ${[went, came].map((names) => (names.length === 0 ? 'none' : listed(names))).join(' → ')}`]
}
