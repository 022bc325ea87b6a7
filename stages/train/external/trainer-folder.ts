// The folder that a trainer of one's own works in: the rows as matrices and as Arrow files, the manifest, the transform. No test rows.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { whereRowsWent } from '../../../clean/where-rows-went.ts'
import { isAlive } from '../../../core/process-identity.ts'
import { readObject } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import { compileTransform } from '../../../ml/features/transform.ts'
import { type Matrix, matrixOf } from '../../../ml/training/input/matrix.ts'
import type { DatasetManifest, PartRef, Transform } from '../../../schemas/dataset.ts'
import type { ExternalJob, SplitFiles } from '../../../schemas/external-trainer.ts'
import { failure } from '../../../schemas/failures.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { readParts } from '../read-parts.ts'

export interface TrainerDataset {
  readonly store: Store
  readonly manifest: DatasetManifest
  readonly transform: Transform
  readonly plan: Pick<Plan, 'predict' | 'train'>
}

/** An empty folder; those of processes that are gone are removed. Its name tells whose it is. */
export async function openTrainerFolder(stateDir: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const root = join(stateDir, 'trainers')
  await mkdir(root, { recursive: true })
  for (const name of await readdir(root)) {
    if (!isAlive(Number(name.split('-', 1)[0]))) await rm(join(root, name), { recursive: true, force: true })
  }
  const folder = join(root, `${process.pid}-${randomUUID()}`)
  await mkdir(folder)
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Writes what the job names; → the names, and the rows. Throws TOO_FEW_ROWS for an empty split. */
export async function writeTrainerDataset(
  folder: string,
  dataset: TrainerDataset,
): Promise<{ splits: ExternalJob['splits']; training: Matrix; validation: Matrix }> {
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(dataset.manifest))
  await writeFile(join(folder, 'transform.json'), JSON.stringify(dataset.transform))
  const { files: train, matrix: training } = await writeSplit(folder, dataset, 'train')
  const { files: validate, matrix } = await writeSplit(folder, dataset, 'validate')
  return { splits: { train, validate }, training, validation: matrix }
}

async function writeSplit(
  folder: string,
  dataset: TrainerDataset,
  split: 'train' | 'validate',
): Promise<{ files: SplitFiles; matrix: Matrix }> {
  const { store, manifest } = dataset
  const matrix = await matrixOfSplit(dataset, split)
  const { rows, width, weights } = matrix
  const files = { inputs: `${split}.inputs.npy`, labels: `${split}.labels.npy` }
  await writeArray(join(folder, files.inputs), [rows, width], matrix.inputs)
  await writeArray(join(folder, files.labels), [rows], matrix.labels)
  const weighted = weights === undefined ? {} : { weights: `${split}.weights.npy` }
  if (weighted.weights !== undefined) await writeArray(join(folder, weighted.weights), [rows], weights!)
  await mkdir(join(folder, split))
  const parts: string[] = []
  for (const part of manifest.parts[split]) {
    parts.push(await copyPart(store, part, { folder, name: `${split}/${String(parts.length).padStart(5, '0')}.arrow` }))
  }
  return { files: { rows, ...files, ...weighted, parts }, matrix }
}

/** The same rows that sluice's own trainer sees. */
async function matrixOfSplit(
  { store, manifest, transform, plan }: TrainerDataset,
  split: 'train' | 'validate',
): Promise<Matrix> {
  const parts = manifest.parts[split]
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const { predict, train } = plan
  const weight = split === 'train' ? train.weight : undefined
  const matrix = await matrixOf(readParts(store, parts), {
    transform: compileTransform(transform),
    predict,
    rows,
    weight,
  })
  if (matrix.rows === 0) {
    throw failure('TOO_FEW_ROWS', { split, expected: 1, found: 0, taken: whereRowsWent(manifest.accounting) })
  }
  return matrix
}

async function copyPart(store: Store, part: PartRef, to: { folder: string; name: string }): Promise<string> {
  await writeFile(join(to.folder, to.name), await readObject(store, part))
  return to.name
}

async function writeArray(path: string, shape: readonly number[], values: Float32Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(npyHeader(shape))
    await file.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) // goes on behind the header
  } finally {
    await file.close()
  }
}

/**
 * The header of a NumPy file of a float32 array in C order, little-endian; the values follow it. Version 1.0:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
function npyHeader(shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`
  const start = 10
  const length = Math.ceil((start + description.length + 1) / 64) * 64 - start // so that the values are aligned
  const header = Buffer.alloc(start + length, ' ', 'latin1')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(length, 8)
  header.write(description, start, 'latin1')
  header.write('\n', start + length - 1, 'latin1')
  return header
}
