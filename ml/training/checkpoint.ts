// Where a training stands, as one checksummed object: written often, read after a crash. The newest one that is whole wins.
import { sha256 } from '../../core/digest.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import { checkpointKey, checkpointPrefix } from '../../schemas/ids.ts'
import type { BackendInfo, CheckpointRef, MachineKind } from '../../schemas/model.ts'
import { distinctKinds } from '../backends/processor.ts'
import { packTensors, unpackTensors } from '../model/tensor-file.ts'
import type { Weight } from '../network.ts'
import type { EngineKind, HostModel, HostState } from './engine/engine.ts'

/** Names the way of computing: a checkpoint is gone on from in the way that made it. A compiled graph rounds differently than single operations. */
export function backendId(
  { name, version, device }: Pick<BackendInfo, 'name' | 'version' | 'device'>,
  engine: EngineKind = 'eager',
): string {
  return `${name} ${version} ${device}${engine === 'compiled' ? ' compiled' : ''}`
}

/** The part of the store that checkpoints need. */
export interface CheckpointStore {
  get(key: string): Promise<Uint8Array | undefined>
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>
  list(prefix: string): AsyncIterable<string>
  delete(key: string): Promise<void>
}

export interface EpochRecord {
  /** 1 for the first */
  readonly epoch: number
  /** mean over the epoch's rows, each at its own step, dropout included */
  readonly trainLoss: number
  readonly validationLoss: number
  readonly best: boolean
}

/** Everything that the rest of the training depends on. Seeds are in the plan; batches, noise and rates follow from `step`. */
export interface Checkpoint extends HostState {
  /** see backendId: only the same one goes on from here */
  readonly backend: string
  /** steps done */
  readonly step: number
  /** sum over the rows that the current epoch has seen so far of their batch's loss */
  readonly epochLoss: number
  /** epochs done */
  readonly epochs: readonly EpochRecord[]
  /** the kept model of the best epoch; empty before the end of the first one */
  readonly best: HostModel
  /** time spent training so far; only where the plan has a budget of minutes */
  readonly elapsedMs?: number
}

/** As it lies in the store. */
export interface KeptCheckpoint extends Checkpoint {
  /** every kind of machine that computed a part of it, in the order of their first parts */
  readonly machines: readonly MachineKind[]
}

/** checkpoints that stay: the newest, and the one before in case the newest is damaged */
export const KEPT_CHECKPOINTS = 2

function packCheckpoint(checkpoint: KeptCheckpoint): Uint8Array {
  const { backend, machines, step, epochLoss, epochs, weights, averages, slots, best, elapsedMs } = checkpoint
  const groups: Readonly<Record<string, readonly Weight[]>> = {
    weights,
    averages,
    bestWeights: best.weights,
    bestAverages: best.averages,
    ...Object.fromEntries(slots.map((slot, s) => [`slot${s}`, slot])),
  }
  const tensors = Object.entries(groups).flatMap(([group, members]) =>
    members.map((weight) => ({ ...weight, name: `${group}:${weight.name}` })),
  )
  const meta = { kind: 'checkpoint', backend, machines, step, epochLoss, epochs, slots: slots.length }
  return packTensors(elapsedMs === undefined ? meta : { ...meta, elapsedMs }, tensors)
}

/** Throws MODEL_INVALID for other bytes. */
function unpackCheckpoint(bytes: Uint8Array, key: string): KeptCheckpoint {
  const { meta, tensors } = unpackTensors(bytes, key)
  const { slots, ...position } = meta as CheckpointMeta
  const group = (prefix: string): Weight[] =>
    tensors
      .filter(({ name }) => name.startsWith(`${prefix}:`))
      .map((weight) => ({ ...weight, name: weight.name.slice(prefix.length + 1) }))
  const { backend, machines, step, epochLoss, epochs, elapsedMs } = position
  if (machines === undefined) {
    throw failure('MODEL_INVALID', { model: key, expected: 'the machines that computed it', found: 'none' })
  }
  return {
    backend,
    machines,
    step,
    epochLoss,
    epochs,
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
    weights: group('weights'),
    averages: group('averages'),
    slots: Array.from({ length: slots }, (_, s) => group(`slot${s}`)),
    best: { weights: group('bestWeights'), averages: group('bestAverages') },
  }
}

/** The header of the file beside its tensors. */
interface CheckpointMeta extends Pick<Checkpoint, 'backend' | 'step' | 'epochLoss' | 'epochs' | 'elapsedMs'> {
  /** absent: of an older version of sluice */
  readonly machines?: readonly MachineKind[]
  /** how many slots the optimizer keeps for each weight */
  readonly slots: number
}

export interface Checkpoints {
  /** The newest one of this backend whose bytes match the sha256 in its key, or null. Damaged ones are passed over. */
  newest(): Promise<KeptCheckpoint | null>
  /** Every kind of machine that computed a part of this training: those of the checkpoint that `newest` found, and this one. */
  machines(): readonly MachineKind[]
  /** Writes a checkpoint, then deletes those of the same training that are older than the newest two. */
  save(checkpoint: Checkpoint): Promise<CheckpointRef>
}

export interface OpenCheckpoints {
  readonly pipeline: string
  /** digest of the training's inputs */
  readonly inputs: string
  /** see backendId */
  readonly backend: string
  /** what goes on here. It is named and never a reason to begin anew: hours of training weigh more than last bits (decision 011) */
  readonly machine: MachineKind
}

/** The checkpoints of one training. Keys are listed once and remembered: a save costs one PUT and one DELETE. */
export async function openCheckpoints(
  store: CheckpointStore,
  { pipeline, inputs, backend, machine }: OpenCheckpoints,
): Promise<Checkpoints> {
  let keys = await keysOf(store, checkpointPrefix(pipeline, inputs))
  let machines: readonly MachineKind[] = [machine]
  return {
    async newest() {
      for (const key of keys.toReversed()) {
        const bytes = await store.get(key)
        const whole = bytes !== undefined && key.includes(sha256(bytes))
        const checkpoint = whole ? readCheckpoint(bytes, key) : null
        if (checkpoint?.backend !== backend) continue
        machines = distinctKinds([...checkpoint.machines, machine])
        return checkpoint
      }
      return null
    },
    machines: () => machines,
    async save(checkpoint) {
      const bytes = packCheckpoint({ ...checkpoint, machines })
      const digest = sha256(bytes)
      const key = checkpointKey(pipeline, inputs, checkpoint.step, digest)
      await store.putIfAbsent(key, bytes)
      // never one that is newer: a late twin of this training must not harm the one that is ahead
      const older = keys.filter((each) => each < key)
      const old = older.slice(0, Math.max(0, older.length + 1 - KEPT_CHECKPOINTS))
      for (const each of old) await store.delete(each)
      keys = [...new Set([...keys.filter((each) => !old.includes(each)), key])].sort()
      return { key, sha256: digest, bytes: bytes.length, step: checkpoint.step }
    },
  }
}

/** null: written by a version of sluice with another layout. */
function readCheckpoint(bytes: Uint8Array, key: string): KeptCheckpoint | null {
  try {
    return unpackCheckpoint(bytes, key)
  } catch (error) {
    if (isFailure(error, 'MODEL_INVALID')) return null
    throw error
  }
}

/** Oldest first: the step in the key is zero-padded. */
async function keysOf(store: CheckpointStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list(prefix)) keys.push(key)
  return keys.sort()
}
