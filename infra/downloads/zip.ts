// Takes chosen members out of a zip file (a wheel) without unpacking the rest; each one's checksum is verified.
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, type FileHandle, open, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import { makeFolder } from '../../core/make-folder.ts'
import { failure } from '../../schemas/failures.ts'
import { sideBySide } from './side-by-side.ts'

/** An entry of the directory. */
export interface Member {
  readonly name: string
  readonly deflated: boolean
  readonly crc32: number
  readonly packedBytes: number
  readonly headerAt: number
  readonly executable: boolean
}

const END_RECORD = Buffer.from('PK\x05\x06', 'latin1')
const DIRECTORY_ENTRY = 0x02014b50
/** The end of a zip file, in which its directory is named. */
export const END_RECORD_MAX_BYTES = 22 + 65_535
const SMALL_BYTES = 1 << 20
const ZIP64 = 0xffffffff

/**
 * Extracts the members whose name `wanted` accepts into `folder` and returns their number.
 * Programs can be run afterwards. `place`: another path below `folder` for a member's name.
 * Throws DOWNLOAD_BROKEN for a file that is no zip, is cut off, fails a checksum or names a path outside the folder.
 */
export async function extractMembers(
  file: string,
  folder: string,
  wanted: (name: string) => boolean,
  place = (name: string) => name,
): Promise<number> {
  const handle = await open(file)
  try {
    const members = (await listMembers(handle, file)).filter(({ name }) => !name.endsWith('/') && wanted(name))
    await sideBySide(members, 8, (member) => extract({ handle, file, folder, place }, member))
    return members.length
  } finally {
    await handle.close()
  }
}

/** Where the central directory lies, [start, end), and how many members it names. */
export async function directoryOf(
  handle: FileHandle,
  file: string,
): Promise<{ readonly start: number; readonly end: number; readonly members: number }> {
  const { size } = await handle.stat()
  const tail = await readAt(handle, Math.max(0, size - END_RECORD_MAX_BYTES), Math.min(size, END_RECORD_MAX_BYTES))
  const at = tail.lastIndexOf(END_RECORD)
  // the record ends with the length of a comment and the comment, and there the file ends
  if (at < 0 || at + 22 > tail.length || at + 22 + tail.readUInt16LE(at + 20) !== tail.length) {
    throw broken(file, 'a whole zip file', 'no end of its directory')
  }
  const start = tail.readUInt32LE(at + 16)
  return { start, end: start + tail.readUInt32LE(at + 12), members: tail.readUInt16LE(at + 10) }
}

/** What the central directory at the end of the file names. */
export async function listMembers(handle: FileHandle, file: string): Promise<Member[]> {
  const { start, end, members: expected } = await directoryOf(handle, file)
  const directory = await readAt(handle, start, end - start)
  const members: Member[] = []
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw broken(file, 'an entry of its directory', 'something else')
    const nameBytes = directory.readUInt16LE(at + 28)
    const member = {
      deflated: directory.readUInt16LE(at + 10) === 8,
      crc32: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      headerAt: directory.readUInt32LE(at + 42),
      executable: (directory.readUInt16LE(at + 40) & 0o111) !== 0, // the upper half of the attributes is Unix's mode
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
    }
    if (member.packedBytes === ZIP64 || member.headerAt === ZIP64) throw broken(file, 'less than 4 GiB', 'zip64')
    members.push(member)
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  if (members.length !== expected) throw broken(file, `${expected} members`, `${members.length}`)
  return members
}

interface Extraction {
  readonly handle: FileHandle
  readonly file: string
  readonly folder: string
  readonly place: (name: string) => string
}

async function extract({ handle, file, folder, place }: Extraction, member: Member): Promise<void> {
  const { name, headerAt, packedBytes, deflated, executable } = member
  const target = path.resolve(folder, place(name))
  if (!target.startsWith(path.resolve(folder) + path.sep)) throw broken(file, 'paths inside the archive', name)
  await makeFolder(path.dirname(target))
  const nameBytes = Buffer.byteLength(name)
  const header = await readAt(handle, headerAt, 30 + nameBytes)
  const ownName = header.toString('utf8', 30, 30 + nameBytes)
  if (ownName !== name) throw broken(file, `member ${name}`, `member ${ownName}`)
  const start = headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  const crc32 = await unpack({ handle, file, start, packedBytes, deflated, target })
  if (crc32 !== member.crc32) throw broken(`${file}: ${name}`, `crc32 ${member.crc32}`, `crc32 ${crc32}`)
  if (executable) await chmod(target, 0o755)
}

interface Packed extends Pick<Extraction, 'handle' | 'file'>, Pick<Member, 'packedBytes' | 'deflated'> {
  readonly start: number
  readonly target: string
}

/** → the sum of what was written. Most members are small, and a stream costs each of them a millisecond. */
async function unpack({ handle, file, start, packedBytes, deflated, target }: Packed): Promise<number> {
  if (packedBytes <= SMALL_BYTES) {
    const packed = await readAt(handle, start, packedBytes)
    const plain = deflated ? inflate(packed, file) : packed
    await writeFile(target, plain)
    return zlib.crc32(plain)
  }
  let crc32 = 0
  const checked = async function* (bytes: AsyncIterable<Buffer>) {
    for await (const chunk of bytes) {
      crc32 = zlib.crc32(chunk, crc32)
      yield chunk
    }
  }
  const packed = createReadStream(file, { start, end: start + packedBytes - 1 }) // `end` is inclusive
  const output = createWriteStream(target)
  if (deflated) await pipeline(packed, zlib.createInflateRaw({ chunkSize: 1 << 20 }), checked, output)
  else await pipeline(packed, checked, output)
  return crc32
}

function inflate(packed: Buffer, file: string): Buffer {
  try {
    return zlib.inflateRawSync(packed)
  } catch (error) {
    throw broken(file, 'deflated bytes', error instanceof Error ? error.message : String(error))
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer
}

function broken(name: string, expected: string, found: string): Error {
  return failure('DOWNLOAD_BROKEN', { name, expected, found })
}
