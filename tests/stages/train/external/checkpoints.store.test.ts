// Checkpoints of a trainer of one's own in the store: the same files come back, damaged ones never, old ones go.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../core/digest.ts'
import { memoryStore } from '../../../../lake/store/memory.ts'
import type { Store } from '../../../../lake/store/store.ts'
import type { CheckpointRef } from '../../../../schemas/model.ts'
import { type Given, openExternalCheckpoints } from '../../../../stages/train/external/checkpoints.ts'
import { openHandover } from '../../../../stages/train/external/handover.ts'

const INPUTS = sha256('inputs')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-checkpoints-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (store: Store) => openExternalCheckpoints(store, { pipeline: 'p', inputs: INPUTS, trainer: 't' })
const told = (steps: number) => ({ steps, epochs: [] })

/** Writes the files to a new folder. */
function given(step: number, files: Readonly<Record<string, Uint8Array>>): Given {
  const path = mkdtempSync(join(folder, 'given-'))
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), bytes)
  }
  return { step, name: `state-${step}`, path, told: told(step) }
}

/** path below `root` → content */
function filesBelow(root: string): Record<string, Uint8Array> {
  if (statSync(root).isFile()) return { '': readFileSync(root) }
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name))
  return Object.fromEntries(paths.map((path) => [relative(root, path), new Uint8Array(readFileSync(path))]))
}

const restore = (store: Store) => open(store).restore(mkdtempSync(join(folder, 'restored-')))
const saveSteps = async (store: Store, steps: readonly number[]): Promise<void> => {
  for (const step of steps) await open(store).save(given(step, { state: Uint8Array.of(step) }))
}
const stepsIn = async (store: Store) => {
  const keys = await Array.fromAsync(store.list('checkpoints/'))
  return [...new Set(keys.map((key) => Number(key.split('/')[3]!.split('-')[0])))]
}

const NAME = fc.stringMatching(/^[a-z]{1,3}$/)
const FILES = fc.dictionary(
  fc.array(NAME, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}.bin`),
  fc.uint8Array({ maxLength: 40 }),
  { minKeys: 1, maxKeys: 5 },
)

describe('a checkpoint in the store', () => {
  it('comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(FILES, fc.integer({ min: 1, max: 1e6 }), async (files, step) => {
        const store = memoryStore()
        await open(store).save(given(step, files))
        const found = await restore(store)
        expect(found).toMatchObject({ step, name: `state-${step}`, told: told(step) })
        expect(filesBelow(found!.path)).toEqual(files)
      }),
      { numRuns: 40 },
    )
  })

  it('may be one large file', async () => {
    const store = memoryStore()
    const bytes = new Uint8Array(32 * 1024 * 1024 + 5).map((_, i) => i % 251)
    const path = join(folder, 'model.bin')
    writeFileSync(path, bytes)
    await open(store).save({ step: 1, name: 'model', path, told: told(1) })
    const sizes = (await Promise.all((await piecesIn(store)).map((key) => store.get(key)))).map((each) => each!.length)
    expect(sizes.sort((a, b) => b - a)).toEqual([32 * 1024 * 1024, 5])
    const found = await restore(store)
    expect(Buffer.compare(readFileSync(found!.path), bytes)).toBe(0)
  })

  it('is passed over when anything is damaged', async () => {
    const steps = [3, 20, 100]
    const whole = memoryStore()
    await saveSteps(whole, steps)
    const newest = (await Array.fromAsync(whole.list('checkpoints/'))).filter((key) => key.includes('0100-'))
    expect(newest).toHaveLength(2) // the list and its piece
    for (const key of newest) {
      for (const damage of [null, Uint8Array.of(1, 2, 3)]) {
        const store = memoryStore()
        for await (const each of whole.list('')) await store.putIfAbsent(each, (await whole.get(each))!)
        await store.delete(key)
        if (damage !== null) await store.putIfAbsent(key, damage)
        const found = await restore(store)
        expect(found?.step).toBe(20)
        expect(filesBelow(dirname(found!.path))).toEqual({ 'state-20/state': Uint8Array.of(20) })
      }
    }
  })

  it.each(['state-1/../../escaped', '../escaped', 'state-1/.', 'other/file'])(
    'is passed over when it would be written to %s',
    async (path) => {
      const store = memoryStore()
      await saveSteps(store, [1])
      const [list] = (await Array.fromAsync(store.list('checkpoints/'))).filter((key) => key.endsWith('.ckpt'))
      const stored = Buffer.from((await store.get(list!))!).toString()
      const forged = Buffer.from(stored.replace('state-1/state', path))
      expect(forged.toString()).not.toBe(stored)
      await store.delete(list!)
      await store.putIfAbsent(list!.replace(sha256(Buffer.from(stored)), sha256(forged)), forged)
      expect(await restore(store)).toBeNull()
      expect(Object.keys(filesBelow(folder)).filter((each) => !each.startsWith('given-'))).toEqual([])
    },
  )

  it('stays until two newer ones are whole', async () => {
    const store = memoryStore()
    await saveSteps(store, [5, 7])
    await store.putIfAbsent(`checkpoints/p/${INPUTS}/000000000009-pieces/${sha256('half')}`, Uint8Array.of(1))
    await saveSteps(store, [11])
    expect(await stepsIn(store)).toEqual([7, 9, 11]) // 9 has no list: 7 is the one before
    await saveSteps(store, [12])
    expect(await stepsIn(store)).toEqual([11, 12])
  })

  it('of a late twin harms none that is ahead', async () => {
    const store = memoryStore()
    await saveSteps(store, [50, 60])
    await saveSteps(store, [10, 20, 30])
    expect(await stepsIn(store)).toEqual([20, 30, 50, 60])
    expect((await restore(store))?.step).toBe(60)
  })

  it('belongs to one training', async () => {
    const store = memoryStore()
    await saveSteps(store, [1])
    const other = openExternalCheckpoints(store, { pipeline: 'p', inputs: sha256('others'), trainer: 't' })
    expect(await other.restore(folder)).toBeNull()
    await other.removeAll()
    expect(await stepsIn(store)).toEqual([1])
    await open(store).removeAll()
    expect(await stepsIn(store)).toEqual([])
  })
})

describe('a handover', () => {
  it('skips what is overtaken', async () => {
    const begun = Promise.withResolvers<void>()
    const saved: number[] = []
    const from = join(folder, 'checkpoints')
    mkdirSync(from)
    const handover = openHandover({
      from,
      aside: join(folder, 'aside'),
      trainer: 't',
      onFailure: () => expect.unreachable(),
      async save({ step, path }) {
        await begun.promise
        expect(readFileSync(path, 'utf8')).toBe(String(step))
        return { key: '', sha256: '', bytes: 1, step }
      },
      onSaved: ({ step }: CheckpointRef) => saved.push(step),
    })
    for (const step of [1, 2, 3]) {
      writeFileSync(join(from, 'state'), String(step)) // the same name again: it was moved away
      handover.take({ type: 'checkpoint', step, name: 'state' }, told(step))
    }
    begun.resolve()
    await handover.settled()
    expect(saved).toEqual([1, 3])
    expect(readdirSync(join(folder, 'aside'))).toEqual([])
  })
})

async function piecesIn(store: Store): Promise<string[]> {
  return (await Array.fromAsync(store.list('checkpoints/'))).filter((key) => key.includes('-pieces/'))
}
