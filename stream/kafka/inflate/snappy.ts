// snappy: one raw block, or many in Xerial's framing; whole by the library, or some elements at a time.
import { uncompressSync } from 'snappy'
import { type Output, openOutput, putBytes, putCopy, roomIn, takeChunks } from './output.ts'
import { type InflateSettings, misshapen, type Packed, tooLarge } from './packed.ts'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

interface Block {
  /** with its preamble */
  readonly bytes: Buffer
  /** what its preamble says it inflates to */
  readonly size: number
  /** of the first element */
  readonly start: number
}

/** The content, or its chunks where it is large. Java's producer writes blocks in Xerial's framing, others write one raw block. */
export function inflateSnappy(packed: Packed, settings: InflateSettings): Buffer | Generator<Buffer, void, undefined> {
  const blocks = blocksOf(packed)
  const size = blocks.reduce((sum, block) => sum + block.size, 0)
  if (size > settings.maxBatchBytes) throw tooLarge(packed, settings.maxBatchBytes, size)
  if (size > settings.wholeBytes) return chunksOf(blocks, packed, settings)
  return blocks.length === 1 ? inflated(blocks[0]!.bytes) : Buffer.concat(blocks.map(({ bytes }) => inflated(bytes)))
}

const inflated = (block: Buffer): Buffer => uncompressSync(block) as Buffer

function blocksOf(packed: Packed): readonly Block[] {
  const { bytes } = packed
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [readPreamble(bytes, packed)]
  const blocks: Block[] = []
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const start = at + 4
    const length = start <= bytes.length ? bytes.readInt32BE(at) : -1
    at = start + length
    if (length < 0 || at > bytes.length) throw misshapen(packed, 'whole blocks of snappy', `one of ${length} bytes`)
    blocks.push(readPreamble(bytes.subarray(start, at), packed))
  }
  return blocks
}

/*
 * Block => size [Element]
 *   size  VARINT  bytes that the elements stand for, low groups of 7 bits first
 *   Element => tag …, by the tag's lowest two bits:
 *     0  literal: length − 1 in the other six bits, or from 60 on in the 1 to 4 bytes that follow; then the bytes
 *     1  copy of 4 to 11 bytes, 11 bits of offset
 *     2  copy of 1 to 64 bytes, offset in 2 bytes
 *     3  copy of 1 to 64 bytes, offset in 4 bytes
 *   An offset says how far back of what was inflated before the copy begins.
 */
interface Elements {
  readonly bytes: Buffer
  /** of the next element */
  at: number
  /** bytes of a literal that are still to be copied; they come first */
  literal: number
  /** from how far back, and how many */
  offset: number
  length: number
}

const MAX_COPY_BYTES = 64

function* chunksOf(
  blocks: readonly Block[],
  packed: Packed,
  settings: InflateSettings,
): Generator<Buffer, void, undefined> {
  let reach = 0
  for (const block of blocks) reach = Math.max(reach, reachOf(block, packed))
  if (reach > settings.maxRecordBytes)
    throw misshapen(packed, `snappy copies from at most ${settings.maxRecordBytes} bytes back`, reach)
  // no more is moved as history than is inflated
  const output = openOutput(reach, Math.max(settings.chunkBytes, reach, MAX_COPY_BYTES))
  for (const block of blocks) {
    const elements = elementsOf(block)
    while (!inflateElements(elements, output)) {
      yield* takeChunks(output, settings.chunkBytes)
    }
  }
  yield* takeChunks(output, settings.chunkBytes)
}

const elementsOf = ({ bytes, start }: Block): Elements => ({ bytes, at: start, literal: 0, offset: 0, length: 0 })

/**
 * The furthest offset of a block: most writers go 64 KiB back, some further, and the format lets them.
 * Throws BATCH_UNREADABLE unless all elements are whole, copy what is there, and stand for as many bytes as the block says.
 */
function reachOf(block: Block, packed: Packed): number {
  const elements = elementsOf(block)
  const { bytes } = elements
  let size = 0
  let reach = 0
  while (elements.at < bytes.length) {
    const isCopy = readElement(elements)
    if (isCopy) {
      if (elements.offset === 0 || elements.offset > size) throw damaged(packed)
      if (elements.offset > reach) reach = elements.offset
    } else elements.at += elements.literal
    size += isCopy ? elements.length : elements.literal
  }
  if (elements.at > bytes.length || size !== block.size)
    throw misshapen(packed, `a snappy block of ${block.size} bytes`, size)
  return reach
}

/** Up to the end of the block, or of the room in the output: false. */
function inflateElements(elements: Elements, output: Output): boolean {
  const { bytes } = elements
  for (;;) {
    const room = roomIn(output)
    if (elements.literal > 0) {
      const length = Math.min(elements.literal, room)
      putBytes(output, bytes, elements.at, length)
      elements.at += length
      elements.literal -= length
      if (elements.literal > 0) return false
    } else if (elements.at === bytes.length) return true
    else if (room < MAX_COPY_BYTES) return false
    else if (readElement(elements)) putCopy(output, elements.offset, elements.length)
  }
}

/** Reads a tag and what belongs to it. A literal's bytes are left where they are. True: a copy. */
function readElement(elements: Elements): boolean {
  const { bytes, at } = elements
  const tag = bytes[at]!
  switch (tag & 3) {
    case 0: {
      const lengthBytes = Math.max((tag >> 2) - 59, 0)
      elements.literal = (lengthBytes === 0 ? tag >> 2 : littleEndian(bytes, at + 1, lengthBytes)) + 1
      elements.at = at + 1 + lengthBytes
      return false
    }
    case 1:
      elements.length = ((tag >> 2) & 7) + 4
      elements.offset = ((tag >> 5) << 8) | bytes[at + 1]!
      elements.at = at + 2
      return true
    case 2:
      elements.length = (tag >> 2) + 1
      elements.offset = bytes[at + 1]! | (bytes[at + 2]! << 8)
      elements.at = at + 3
      return true
    default:
      elements.length = (tag >> 2) + 1
      elements.offset = littleEndian(bytes, at + 1, 4)
      elements.at = at + 5
      return true
  }
}

/** What lies behind the end counts as 0. */
function littleEndian(bytes: Buffer, at: number, count: number): number {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}

/** Where a block's elements start, and how many bytes they stand for. */
function readPreamble(bytes: Buffer, packed: Packed): Block {
  let size = 0
  for (let at = 0; at < Math.min(5, bytes.length); at++) {
    size += (bytes[at]! & 127) * 2 ** (7 * at)
    if (bytes[at]! < 128) return { bytes, size, start: at + 1 }
  }
  throw misshapen(packed, 'a block of snappy with its size', `bytes ${bytes.subarray(0, 8).toString('hex')}`)
}

const damaged = (packed: Packed): Error =>
  misshapen(packed, 'copies of what is there in snappy', 'one of something else')
