// Named float32 arrays in one binary object: the layout of weights and checkpoints. Equal contents give equal bytes.
import assert from 'node:assert/strict'
import { canonicalBytes } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import type { Weight } from '../network.ts'
import { sizeOf } from '../operations/shape.ts'

/** "SLUICET1" */
const MAGIC = new TextEncoder().encode('SLUICET1')
const HEADER_AT = MAGIC.length + 4

/**
 * Layout: magic (8 bytes) · header length (uint32) · header, canonical JSON {meta, tensors: [{name, shape}]} · zero bytes up to a
 * multiple of 4 · the values of each tensor in that order, float32. All little-endian.
 */
export function packTensors(meta: unknown, tensors: readonly Weight[]): Uint8Array<ArrayBuffer> {
  assertLittleEndian()
  const header = canonicalBytes({ meta, tensors: tensors.map(({ name, shape }) => ({ name, shape })) })
  const dataAt = roundUp(HEADER_AT + header.length)
  const count = tensors.reduce((sum, { values }) => sum + values.length, 0)
  const bytes = new Uint8Array(dataAt + 4 * count)
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true)
  bytes.set(header, HEADER_AT)
  const data = new Float32Array(bytes.buffer, dataAt, count)
  let at = 0
  for (const { name, shape, values } of tensors) {
    assert.equal(values.length, sizeOf(shape), `${name} has as many values as its shape says`)
    data.set(values, at)
    at += values.length
  }
  return bytes
}

/** The reverse. The arrays are copies. Throws MODEL_INVALID for bytes that are not such a file; `name` says which object it is. */
export function unpackTensors(bytes: Uint8Array, name: string): { meta: unknown; tensors: Weight[] } {
  assertLittleEndian()
  const invalid = (expected: string, found: string): Error => failure('MODEL_INVALID', { model: name, expected, found })
  if (bytes.length < HEADER_AT || !MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw invalid('a file of tensors', `${bytes.length} other bytes`)
  }
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true)
  const header = readHeader(bytes.subarray(HEADER_AT, HEADER_AT + headerLength))
  if (header === null) throw invalid('a JSON header', 'other bytes')
  const dataAt = roundUp(HEADER_AT + headerLength)
  const count = header.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  if (bytes.length !== dataAt + 4 * count) throw invalid(`${dataAt + 4 * count} bytes`, `${bytes.length}`)
  const data = new Float32Array(bytes.slice(dataAt).buffer)
  let at = 0
  const tensors = header.tensors.map(({ name: tensor, shape }) => {
    const values = data.slice(at, at + sizeOf(shape))
    at += values.length
    return { name: tensor, shape, values }
  })
  return { meta: header.meta, tensors }
}

interface Header {
  readonly meta: unknown
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]
}

function readHeader(bytes: Uint8Array): Header | null {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as Header
    return Array.isArray(header.tensors) ? header : null
  } catch {
    return null
  }
}

function roundUp(length: number): number {
  return Math.ceil(length / 4) * 4
}

function assertLittleEndian(): void {
  assert.equal(new Uint8Array(new Uint16Array([1]).buffer)[0], 1, 'this machine is little-endian')
}
