// Objects are found by their content, and damage is noticed by every reader.
import { describe, expect, it } from 'vitest'
import { readColumns } from '../../../lake/columns/read.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject, readJson, readObject } from '../../../lake/store/objects.ts'

describe('an object', () => {
  it('is named by its content', async () => {
    const ref = await putObject(memoryStore(), { kind: 'models', extension: 'bin', bytes: Buffer.from('abc') })
    // sha256("abc"), FIPS 180-2 appendix B.1
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(ref).toEqual({ key: `models/ba/${digest}.bin`, sha256: digest, bytes: 3 })
  })
  it('is written once', async () => {
    const store = memoryStore()
    const put = () => putObject(store, { kind: 'a', extension: 'bin', bytes: Buffer.from('same') })
    const [one, two] = await Promise.all([put(), put()])
    expect(one).toEqual(two)
    expect(await put()).toEqual(one)
    expect(Buffer.from(await readObject(store, one)).toString()).toBe('same')
  })
  it('is missed by name', async () => {
    const ref = { key: 'a/00/00.bin', sha256: '00' }
    await expect(readObject(memoryStore(), ref)).rejects.toMatchObject({
      code: 'OBJECT_MISSING',
      facts: { key: ref.key },
    })
  })
  it.each([
    ['a flipped bit', Buffer.from('sbme')],
    ['a cut', Buffer.from('sam')],
    ['nothing', Buffer.alloc(0)],
  ])('is refused after %s', async (_name, damaged) => {
    const store = memoryStore()
    const ref = await putObject(store, { kind: 'a', extension: 'bin', bytes: Buffer.from('same') })
    await store.delete(ref.key)
    await store.putIfAbsent(ref.key, damaged)
    const expected = { code: 'OBJECT_CORRUPT', facts: { key: ref.key, expected: ref.sha256 } }
    await expect(readObject(store, ref)).rejects.toMatchObject(expected)
    await expect(readColumns(store, ref)).rejects.toMatchObject(expected)
    await expect(readJson(store, ref)).rejects.toMatchObject(expected)
  })
})

describe('a JSON object', () => {
  it('is one object for equal values', async () => {
    const store = memoryStore()
    const one = await putJson(store, { kind: 'cards', value: { b: [1, 2], a: 'ü' } })
    const two = await putJson(store, { kind: 'cards', value: { a: 'ü', b: [1, 2] } })
    expect(one).toEqual(two)
    expect(await readJson(store, one)).toEqual({ a: 'ü', b: [1, 2] })
  })
})
