// What every store must do, the twin in memory and a real S3 server alike.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ListingStore, StoredObject } from '../../lake/store/store.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (found: Uint8Array | undefined): string | undefined => found && Buffer.from(found).toString()

async function keysOf(listing: AsyncIterable<string>): Promise<string[]> {
  const keys: string[] = []
  for await (const key of listing) keys.push(key)
  return keys
}

export interface StoreTraits {
  /** s3proxy lists by UTF-16 units, S3 by bytes: the same for sluice's own keys, which are ASCII; default bytes */
  readonly listsBy?: 'bytes' | 'UTF-16'
}

/** `open` gives a store; the suite keeps to fresh folders, so one store may serve all cases. */
export function describeStore(name: string, open: () => ListingStore, { listsBy = 'bytes' }: StoreTraits = {}): void {
  const folder = (): string => randomUUID()

  describe(`${name} stores objects`, () => {
    it('gives back the bytes it was given', async () => {
      const key = `${folder()}/a`
      const body = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7)
      await open().putIfAbsent(key, body)
      expect(Buffer.compare((await open().get(key))!, body)).toBe(0)
    })
    it('keeps an object of several parts', async () => {
      const key = `${folder()}/large`
      // two parts of 5 MiB and a rest, no two parts alike
      const body = new Uint8Array(11 * 1024 * 1024 + 7).map((_, i) => i ^ (i >> 13))
      expect(await open().putIfAbsent(key, body)).toBe('created')
      expect(Buffer.compare((await open().get(key))!, body)).toBe(0)
      expect(await open().putIfAbsent(key, body)).toBe('exists')
    })
    it('keeps an empty object', async () => {
      const key = `${folder()}/empty`
      await open().putIfAbsent(key, new Uint8Array())
      expect(await open().get(key)).toHaveLength(0)
    })
    it('knows no object that nobody wrote', async () => {
      expect(await open().get(`${folder()}/nothing`)).toBeUndefined()
    })
    it('answers from an address divisible by eight', async () => {
      const key = `${folder()}/odd`
      await open().putIfAbsent(key, bytes('odd'))
      expect((await open().get(key))!.byteOffset % 8).toBe(0)
    })
    it('is not changed through arrays that callers hold', async () => {
      const key = `${folder()}/a`
      const mine = new Uint8Array([1, 2, 3])
      await open().putIfAbsent(key, mine)
      mine.fill(9)
      ;(await open().get(key))!.fill(8)
      expect([...(await open().get(key))!]).toEqual([1, 2, 3])
    })
  })

  describe(`${name} creates once`, () => {
    it('refuses a second object under a key', async () => {
      const key = `${folder()}/a`
      expect(await open().putIfAbsent(key, bytes('one'))).toBe('created')
      expect(await open().putIfAbsent(key, bytes('two'))).toBe('exists')
      expect(text(await open().get(key))).toBe('one')
    })
    it('lets one of many writers win', async () => {
      for (let round = 0; round < 10; round++) {
        const key = `${folder()}/race`
        const writers = Array.from({ length: 16 }, (_, i) => `writer ${i}`)
        const outcomes = await Promise.all(writers.map((writer) => open().putIfAbsent(key, bytes(writer))))
        const winners = writers.filter((_, i) => outcomes[i] === 'created')
        expect(winners).toEqual([text(await open().get(key))])
      }
    })
    it('creates again after a deletion', async () => {
      const key = `${folder()}/a`
      await open().putIfAbsent(key, bytes('one'))
      await open().delete(key)
      expect(await open().get(key)).toBeUndefined()
      expect(await open().putIfAbsent(key, bytes('two'))).toBe('created')
    })
    it('deletes what is not there', async () => {
      await expect(open().delete(`${folder()}/nothing`)).resolves.toBeUndefined()
    })
  })

  describe(`${name} lists keys`, () => {
    it('in byte order, one prefix only', async () => {
      const at = folder()
      const names = ['b', 'a-1', 'a/2', 'a.3', 'aa', '10', '9', 'Z', '~']
      for (const each of names) await open().putIfAbsent(`${at}/${each}`, bytes(each))
      const inOrder = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keysOf(open().list(`${at}/`))).toEqual(inOrder.map((each) => `${at}/${each}`))
      expect(await keysOf(open().list(`${at}/a/`))).toEqual([`${at}/a/2`])
    })
    it(`in order of ${listsBy} beyond ASCII`, async () => {
      const at = folder()
      // as UTF-16 units the last two change places
      const names = ['z', 'é', '\uffee', '😀'].map((each) => `${at}/${each}`)
      for (const key of [...names].reverse()) await open().putIfAbsent(key, bytes(key))
      expect(await keysOf(open().list(`${at}/`))).toEqual(listsBy === 'bytes' ? names : names.toSorted())
      expect(text(await open().get(names[3]!))).toBe(names[3])
    })
    it('a prefix that ends inside a name', async () => {
      const at = folder()
      for (const each of ['10', '11', '2']) await open().putIfAbsent(`${at}/${each}`, bytes(each))
      expect(await keysOf(open().list(`${at}/1`))).toEqual([`${at}/10`, `${at}/11`])
    })
    it('after a key, whether it exists or not', async () => {
      const at = folder()
      for (const each of ['1', '2', '4']) await open().putIfAbsent(`${at}/${each}`, bytes(each))
      expect(await keysOf(open().list(`${at}/`, { after: `${at}/2` }))).toEqual([`${at}/4`])
      expect(await keysOf(open().list(`${at}/`, { after: `${at}/3` }))).toEqual([`${at}/4`])
      expect(await keysOf(open().list(`${at}/`, { after: `${at}/4` }))).toEqual([])
    })
    it('nothing where nothing is', async () => {
      expect(await keysOf(open().list(`${folder()}/`))).toEqual([])
    })
    it('beyond one page of a thousand', async () => {
      const at = folder()
      const names = Array.from({ length: 1_003 }, (_, i) => `${at}/${String(i).padStart(6, '0')}`)
      await Promise.all(names.map((key) => open().putIfAbsent(key, bytes('x'))))
      expect(await keysOf(open().list(`${at}/`))).toEqual(names)
      expect(await keysOf(open().list(`${at}/`, { after: names[1_000]! }))).toEqual(names.slice(1_001))
    })
    it('with size and age', async () => {
      const at = folder()
      const beforeMs = Date.now()
      for (const each of ['b', 'a']) await open().putIfAbsent(`${at}/${each}`, bytes(`body of ${each}`))
      const found: StoredObject[] = []
      for await (const object of open().objects(`${at}/`)) found.push(object)
      expect(found.map(({ key, bytes: size }) => [key, size])).toEqual([
        [`${at}/a`, 9],
        [`${at}/b`, 9],
      ])
      // S3 tells whole seconds
      for (const { modifiedMs } of found) expect(modifiedMs).toBeGreaterThanOrEqual(beforeMs - 1_000)
      for (const { modifiedMs } of found) expect(modifiedMs).toBeLessThanOrEqual(Date.now() + 1_000)
    })
    it('that it has just written', async () => {
      const at = folder()
      for (let i = 0; i < 20; i++) {
        await open().putIfAbsent(`${at}/${i}`, bytes('x'))
        expect(await keysOf(open().list(`${at}/${i}`))).toEqual([`${at}/${i}`])
      }
    })
  })
}
