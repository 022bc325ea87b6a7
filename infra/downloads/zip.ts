// Takes chosen members out of a zip file (a wheel) without unpacking the rest; each one's checksum is verified.
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import { failure } from '../../schemas/failures.ts'

interface Member {
  readonly name: string
  readonly deflated: boolean
  readonly crc32: number
  readonly packedBytes: number
  readonly headerAt: number
}

const END_RECORD = Buffer.from('PK\x05\x06', 'latin1')
const DIRECTORY_ENTRY = 0x02014b50
const END_RECORD_MAX_BYTES = 22 + 65_535
const ZIP64 = 0xffffffff

/**
 * Extracts the members whose name `wanted` accepts into `folder` and returns their number.
 * Throws DOWNLOAD_BROKEN for a file that is no zip, is cut off, fails a checksum or names a path outside the folder.
 */
export async function extractMembers(file: string, folder: string, wanted: (name: string) => boolean): Promise<number> {
  const handle = await open(file)
  try {
    const members = (await readDirectory(handle, file)).filter(({ name }) => !name.endsWith('/') && wanted(name))
    for (const member of members) await extract(handle, file, folder, member)
    return members.length
  } finally {
    await handle.close()
  }
}

/** The central directory at the end of the file names all members. */
async function readDirectory(handle: FileHandle, file: string): Promise<Member[]> {
  const { size } = await handle.stat()
  const tail = await readAt(handle, Math.max(0, size - END_RECORD_MAX_BYTES), Math.min(size, END_RECORD_MAX_BYTES))
  const end = tail.lastIndexOf(END_RECORD)
  // the record ends with the length of a comment and the comment, and there the file ends
  if (end < 0 || end + 22 > tail.length || end + 22 + tail.readUInt16LE(end + 20) !== tail.length) {
    throw broken(file, 'a whole zip file', 'no end of its directory')
  }
  const directory = await readAt(handle, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
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
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
    }
    if (member.packedBytes === ZIP64 || member.headerAt === ZIP64) throw broken(file, 'less than 4 GiB', 'zip64')
    members.push(member)
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  const expected = tail.readUInt16LE(end + 10)
  if (members.length !== expected) throw broken(file, `${expected} members`, `${members.length}`)
  return members
}

async function extract(handle: FileHandle, file: string, folder: string, member: Member): Promise<void> {
  const { name, headerAt, packedBytes, deflated } = member
  const target = path.resolve(folder, name)
  if (!target.startsWith(path.resolve(folder) + path.sep)) throw broken(file, 'paths inside the archive', name)
  await mkdir(path.dirname(target), { recursive: true })
  const nameBytes = Buffer.byteLength(name)
  const header = await readAt(handle, headerAt, 30 + nameBytes)
  const ownName = header.toString('utf8', 30, 30 + nameBytes)
  if (ownName !== name) throw broken(file, `member ${name}`, `member ${ownName}`)
  const start = headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  let crc32 = 0
  const checked = async function* (bytes: AsyncIterable<Buffer>) {
    for await (const chunk of bytes) {
      crc32 = zlib.crc32(chunk, crc32)
      yield chunk
    }
  }
  // an empty range cannot be asked for: `end` is inclusive
  const packed = packedBytes === 0 ? Readable.from([]) : createReadStream(file, { start, end: start + packedBytes - 1 })
  const output = createWriteStream(target)
  if (deflated) await pipeline(packed, zlib.createInflateRaw({ chunkSize: 1 << 20 }), checked, output)
  else await pipeline(packed, checked, output)
  if (crc32 !== member.crc32) throw broken(`${file}: ${name}`, `crc32 ${member.crc32}`, `crc32 ${crc32}`)
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer
}

function broken(name: string, expected: string, found: string): Error {
  return failure('DOWNLOAD_BROKEN', { name, expected, found })
}
