// Integers beyond 2^53, paths, headers and units of time: exact, or refused with a reason.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { decode } from '../decoded.ts'

const json = { format: 'json' } as const

describe('integers', () => {
  test('ids and categories keep every digit', async () => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'group', kind: 'category' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.maxSafeInteger(), async (id, group) => {
        const { rows } = await decode(json, columns, [`{"id":${id},"group":${group}}`, `{"group":${id},"id":${group}}`])
        expect(rows).toEqual({
          0: { id: String(id), group: String(group) },
          1: { id: String(group), group: String(id) },
        })
      }),
    )
  })

  test('numbers are exact or refused', async () => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.nat(70), async (any, shift) => {
        const x = fc.sample(fc.constantFrom(any, 2n ** BigInt(shift)), 1)[0]!
        const { rows, rejects } = await decode(json, columns, [`{"id":1,"x":${x}}`])
        if (BigInt(Number(x)) === x) expect(rows[0]).toEqual({ id: '1', x: Number(x) })
        else expect(rejects[0]).toEqual([`x: expected an integer that a 64-bit float holds exactly, found ${x}`])
      }),
    )
  })

  test('fractions and exponents are floats as ever', async () => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
    ]
    const { rows, rejects } = await decode(json, columns, [
      '{"id":1,"x":1e300}',
      '{"id":2,"x":9007199254740993.5}',
      `{"id":3,"x":${'9'.repeat(500)}}`,
      '{"id":1e30}',
    ])
    expect(rows).toEqual({ 0: { id: '1', x: 1e300 }, 1: { id: '2', x: 9007199254740994 } })
    expect(Object.keys(rejects)).toEqual(['2', '3'])
  })
})

describe('from', () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'id', kind: 'id', from: 'meta.id' },
    { name: 'city', kind: 'category', from: 'a.b.city' },
  ]

  test('reaches into nested objects', async () => {
    const { rows } = await decode(json, columns, [
      '{"meta":{"id":12345678901234567890},"a":{"b":{"city":"x"}}}',
      '{"meta":{"id":1},"a":{"b":null}}',
      '{"meta":{"id":1},"city":"not this one"}',
    ])
    expect(Object.values(rows).map(({ id, city }) => [id, city])).toEqual([
      ['12345678901234567890', 'x'],
      ['1', null],
      ['1', null],
    ])
  })

  test.each([
    ['{"meta":{"id":1},"a":"text"}', 'city: expected an object at a, found a string'],
    ['{"meta":{"id":1},"a":{"b":[{"city":"x"}]}}', 'city: expected an object at a.b, found a list'],
    ['{"id":1}', 'id: expected a non-empty string or an integer, found nothing'],
    ['{"meta":{"constructor":1}}', 'id: expected a non-empty string or an integer, found nothing'],
  ])('refuses what is no object: %s', async (value, reason) => {
    expect((await decode(json, columns, [value])).rejects[0]).toEqual([reason])
  })
})

describe('time', () => {
  test.each([
    ['s', '1700000000', 1_700_000_000_000],
    ['ms', '1700000000123', 1_700_000_000_123],
    ['us', '1700000000123999', 1_700_000_000_123],
    ['ns', '1700000000123999999', 1_700_000_000_123],
    ['ns', '-1', -1],
    ['us', '-1700000000123001', -1_700_000_000_124],
    ['ns', '-1700000000123000001', -1_700_000_000_124],
    ['s', '"2023-11-14T22:13:20Z"', 1_700_000_000_000],
  ] as const)('in %s: %s', async (unit, text, expected) => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'at', kind: 'time', unit },
    ]
    expect((await decode(json, columns, [`{"id":1,"at":${text}}`])).rows[0]!.at).toBe(expected)
  })

  test('a fraction is refused', async () => {
    const columns: readonly ColumnSpec[] = [
      { name: 'id', kind: 'id' },
      { name: 'at', kind: 'time', unit: 's' },
    ]
    const { rejects } = await decode(json, columns, ['{"id":1,"at":1.5}', '{"id":1,"at":99999999999999999999}'])
    expect(rejects[0]).toEqual(['at: expected an RFC 3339 time or integer seconds, found 1.5'])
    expect(rejects[1]).toEqual(['at: expected an RFC 3339 time or integer seconds, found 99999999999999999999'])
  })
})

describe('headers', () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'id', kind: 'id' },
    { name: 'host', kind: 'text', maxBytes: 5, header: 'host' },
  ]
  const header = (name: string, value: Buffer | null): Buffer =>
    Buffer.concat([
      Buffer.from([name.length * 2]),
      Buffer.from(name),
      Buffer.from([value === null ? 1 : value.length * 2]),
      value ?? Buffer.alloc(0),
    ])
  const headers = (...list: Buffer[]): Buffer => Buffer.concat([Buffer.from([list.length * 2]), ...list])
  const host = async (bytes: Buffer) => await decode(json, columns, ['{"id":1,"host":"field"}'], { headers: bytes })

  test('the last one of a name counts', async () => {
    const bytes = headers(
      header('host', Buffer.from('a')),
      header('other', Buffer.from('x')),
      header('host', Buffer.from('bü')),
    )
    expect((await host(bytes)).rows[0]!.host).toBe('bü')
  })

  test('absent and null ones are missing', async () => {
    expect((await host(headers())).rows[0]!.host).toBeNull()
    expect((await host(headers(header('host', Buffer.from('a')), header('host', null)))).rows[0]!.host).toBeNull()
  })

  test('others are refused', async () => {
    const wrong = await host(headers(header('host', Buffer.from([0xff]))))
    expect(wrong.rejects[0]).toEqual(['host: expected a header in UTF-8, found 1 other bytes'])
    const long = await host(headers(header('host', Buffer.from('abcdef'))))
    expect(long.rejects[0]).toEqual(['host: expected at most 5 bytes, found 6 bytes'])
  })
})
