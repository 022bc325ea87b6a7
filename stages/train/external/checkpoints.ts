// Checkpoints of a trainer of one's own in the store: a file or folder in pieces, a list of them as the commit. The newest whole one comes back.
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { canonicalBytes, sha256 } from '../../../core/digest.ts'
import type { Store } from '../../../lake/store/store.ts'
import { KEPT_CHECKPOINTS } from '../../../ml/training/checkpoint.ts'
import { failure } from '../../../schemas/failures.ts'
import { checkpointKey, checkpointPrefix, paddedStep } from '../../../schemas/ids.ts'
import type { CheckpointRef } from '../../../schemas/model.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'

type Epoch = Extract<TrainerLine, { type: 'epoch' }>

/** What the program told until then, so that the model's card does not depend on how often it was killed. */
export interface Told {
  readonly steps: number
  readonly epochs: readonly Epoch[]
}

/** A checkpoint that the program gave away. */
export interface Given {
  readonly step: number
  /** what the program called it */
  readonly name: string
  /** absolute path of the file or folder; nobody writes to it any more */
  readonly path: string
  readonly told: Told
}

export interface ExternalCheckpoints {
  /**
   * Writes the newest one whose bytes all have their digests to `folder`/<its name>; null: there is none. Damaged and half written ones are
   * passed over.
   */
  restore(folder: string): Promise<Given | null>
  /** Writes one, then deletes those that are older than the newest two. Throws TRAINER_OUTPUT_INVALID for what holds no file, or links. */
  save(given: Given): Promise<CheckpointRef>
  /** For a training that is done. */
  removeAll(): Promise<void>
}

/** The object that makes a checkpoint: without it, or with other bytes than its key says, there is none. */
interface Stored {
  readonly kind: 'external-checkpoint'
  readonly step: number
  readonly name: string
  readonly told: Told
  readonly files: readonly StoredFile[]
}

interface StoredFile {
  /** below the folder of checkpoints, beginning with the name; slashes between */
  readonly path: string
  /** sha256 of each piece, in order */
  readonly pieces: readonly string[]
}

/** bounds the memory of a save and of a restore */
const PIECE_BYTES = 32 * 1024 * 1024

/** The checkpoints of one training. `trainer`: the command, for messages. */
export function openExternalCheckpoints(
  store: Store,
  { pipeline, inputs, trainer }: { pipeline: string; inputs: string; trainer: string },
): ExternalCheckpoints {
  const prefix = checkpointPrefix(pipeline, inputs)
  /** all pieces of one step are in one place, since they are deleted together */
  const pieceKey = (step: number, digest: string) => `${prefix}${paddedStep(step)}-pieces/${digest}`
  const stepOf = (key: string) => Number(key.slice(prefix.length).split('-', 1)[0])
  const keysOf = () => Array.fromAsync(store.list(prefix))
  return {
    async restore(folder) {
      const lists = (await keysOf()).filter(isList)
      for (const key of lists.toReversed()) {
        const stored = await readStored(store, key)
        if (stored === null) continue
        const { step, name, told } = stored
        const piece = (digest: string) => store.get(pieceKey(step, digest))
        if (await writeFiles(folder, stored.files, piece)) return { step, name, path: join(folder, name), told }
        await rm(join(folder, name), { recursive: true, force: true })
      }
      return null
    },
    async save({ step, name, path, told }) {
      const files: StoredFile[] = []
      for (const file of await filesOf(path, { name, trainer })) {
        const pieces: string[] = []
        for await (const bytes of piecesOf(file.from)) {
          const digest = sha256(bytes)
          await store.putIfAbsent(pieceKey(step, digest), bytes)
          pieces.push(digest)
        }
        files.push({ path: file.path, pieces })
      }
      const stored: Stored = { kind: 'external-checkpoint', step, name, told, files }
      const bytes = canonicalBytes(stored)
      const ref = { sha256: sha256(bytes), bytes: bytes.length, step }
      const key = checkpointKey(pipeline, inputs, step, ref.sha256)
      await store.putIfAbsent(key, bytes) // the commit: before it, nothing reads the pieces
      await removeBefore(store, { keys: await keysOf(), stepOf, step })
      return { key, ...ref }
    },
    async removeAll() {
      for (const key of listsFirst(await keysOf())) await store.delete(key)
    },
  }
}

function isList(key: string): boolean {
  return key.endsWith('.ckpt')
}

/** A list goes before its pieces: a death between them leaves pieces that nobody reads. */
function listsFirst(keys: readonly string[]): string[] {
  return [...keys.filter(isList), ...keys.filter((key) => !isList(key))]
}

/** Only what is older than `step`: a late twin of this training must not harm the one that is ahead. */
async function removeBefore(
  store: Store,
  { keys, stepOf, step }: { keys: readonly string[]; stepOf: (key: string) => number; step: number },
): Promise<void> {
  const whole = new Set(keys.filter(isList).map(stepOf)) // pieces without a list are no checkpoint to keep
  const older = [...whole].filter((each) => each < step).sort((a, b) => a - b)
  const first = older.at(1 - KEPT_CHECKPOINTS)
  if (first === undefined) return
  for (const key of listsFirst(keys.filter((each) => stepOf(each) < first))) await store.delete(key)
}

/** null: damaged, or gone meanwhile. */
async function readStored(store: Store, key: string): Promise<Stored | null> {
  const bytes = await store.get(key)
  if (bytes === undefined || !key.includes(sha256(bytes))) return null
  const stored = JSON.parse(new TextDecoder().decode(bytes)) as Stored
  const paths = stored.kind === 'external-checkpoint' ? stored.files.map(({ path }) => path) : []
  const inside = paths.every((path) => path.split('/').every(isName) && path.split('/')[0] === stored.name)
  return paths.length > 0 && inside ? stored : null
}

/** → whether every piece was there with the bytes of its digest. */
async function writeFiles(
  folder: string,
  files: readonly StoredFile[],
  read: (digest: string) => Promise<Uint8Array | undefined>,
): Promise<boolean> {
  for (const { path, pieces } of files) {
    const to = join(folder, path)
    await mkdir(dirname(to), { recursive: true })
    const file = await open(to, 'w')
    try {
      for (const digest of pieces) {
        const bytes = await read(digest)
        if (bytes === undefined || sha256(bytes) !== digest) return false
        await file.writeFile(bytes) // goes on behind the piece before
      }
    } finally {
      await file.close()
    }
  }
  return true
}

/** The one file, or all files of the folder, in the order of their paths. */
async function filesOf(
  path: string,
  { name, trainer }: { name: string; trainer: string },
): Promise<{ from: string; path: string }[]> {
  const refuse = (found: string) =>
    failure('TRAINER_OUTPUT_INVALID', { trainer, what: `checkpoint ${name}`, expected: 'files and folders', found })
  const what = await lstat(path)
  if (what.isFile()) return [{ from: path, path: name }]
  if (!what.isDirectory()) throw refuse('a link or a device')
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const other = entries.find((entry) => !entry.isFile() && !entry.isDirectory())
  if (other !== undefined) throw refuse(`${other.name}, a link or a device`)
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  if (files.length === 0) throw refuse('no file')
  return files.sort().map((from) => ({ from, path: `${name}/${relative(path, from).split(sep).join('/')}` }))
}

async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    let left = (await file.stat()).size
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(PIECE_BYTES, left)))
      if (bytesRead === 0) return
      left -= bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** One part of a path that stays where it is put. */
export function isName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !/[/\\\0]/.test(part)
}
