// What happened to a source up to a window's last row: as long as that is the same, so are the window's rows and which of them are duplicates.
import { strict as assert } from 'node:assert'
import type { Window } from '../../clean/windows.ts'
import { digestOf } from '../../core/digest.ts'
import type { ChainStep } from '../../lake/snapshots/snapshots.ts'

/**
 * A digest for each window. An entry of the chain names the one before, so that the entry that brought the last row stands for all that came
 * earlier; of later ones only replays say anything of offsets that are there already. Compaction changes no row.
 */
export function historiesOf(windows: readonly Window[], steps: readonly ChainStep[]): string[] {
  const replays = steps.filter(({ kind }) => kind === 'replayed')
  const byVersion = new Map<number, string>()
  return windows.map(({ version }) => {
    const known = byVersion.get(version)
    if (known !== undefined) return known
    const later = replays.filter((replay) => replay.version > version)
    const step = steps[version - 1]
    assert(step?.version === version, 'some entry of the chain brought the last row')
    const digest = digestOf([step.sha256, ...later.map(({ sha256 }) => sha256)])
    byVersion.set(version, digest)
    return digest
  })
}
