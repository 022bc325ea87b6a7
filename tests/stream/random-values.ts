// Random values for tests of decoders, and columns of every kind: what fits a column now and then, and what does not.
import type { Random } from '../../core/random.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'

export const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!
export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export const bytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => below(random, 256)))

/** Groups of 7 bits, lowest first, of the value as 64 bits without sign. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

export const zigzag = (value: bigint): bigint => (value << 1n) ^ (value >> 63n)

/** Whether the value is an integer that two's complement of so many bits holds; −0 is none. */
export function isInteger(value: unknown, bits: number): value is number | bigint {
  if (typeof value !== 'bigint' && (!Number.isSafeInteger(value) || Object.is(value, -0))) return false
  return BigInt.asIntN(bits, BigInt(value as number)) === BigInt(value as number)
}

/** Little-endian. */
export function floatBytes(x: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size)
  if (size === 4) bytes.writeFloatLE(x)
  else bytes.writeDoubleLE(x)
  return bytes
}

/** Cut off, or with another byte somewhere. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  if (random() < 0.5) return bytes.subarray(0, below(random, bytes.length + 1))
  const at = below(random, bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), bytesOf(random, 1), bytes.subarray(at + 1)])
}

export function longOf(random: Random): bigint {
  const sign = random() < 0.3 ? -1n : 1n
  const kind = random()
  if (kind < 0.5) return sign * BigInt(below(random, 3))
  if (kind < 0.7) return sign * BigInt(below(random, 2 ** 31))
  if (kind < 0.9) return sign * BigInt(below(random, 2 ** 52)) * 2n
  return BigInt.asIntN(64, BigInt(below(random, 2 ** 53)) * 3000n)
}

const TEXTS = ['', 'DE', 'FR', 'x', 'ünïcode', '2024-05-06T07:08:09Z', '🙂', 'a'.repeat(60), 'ü'.repeat(30), '77']

export function textOf(random: Random): Buffer {
  if (random() < 0.03) return Buffer.from([0xff, 0x41])
  return Buffer.from(pick(random, TEXTS))
}

export function doubleOf(random: Random): number {
  const kind = random()
  if (kind < 0.05) return pick(random, [Number.NaN, Infinity, -Infinity])
  if (kind < 0.4) return pick(random, [0, 1, -0, 255, 256, -1, 0.5])
  return (random() - 0.5) * 10 ** below(random, 30)
}

/** `from`: where its value stands. */
export function columnOf(name: string, from: string, random: Random): ColumnSpec {
  return pick<() => ColumnSpec>(random, [
    () => ({ name, from, kind: 'id' }),
    () => ({ name, from, kind: 'text', maxBytes: 40 }),
    () => ({ name, from, kind: 'category' }),
    () => ({ name, from, kind: 'category', values: ['DE', 'FR', 'ünïcode'] }),
    () => ({ name, from, kind: 'number' }),
    () => ({ name, from, kind: 'number', min: 0, max: 1000 }),
    () => ({ name, from, kind: 'flag' }),
    () => ({ name, from, kind: 'time', unit: pick(random, ['s', 'ms', 'us', 'ns']) }),
    () => ({ name, from, kind: 'numbers', length: 4, min: 0, max: 255, integers: true }),
    () => ({ name, from, kind: 'numbers', length: 4, min: -2, max: 200, integers: random() < 0.5 }),
  ])()
}
