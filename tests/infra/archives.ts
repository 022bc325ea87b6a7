// Archives laid out as TensorFlow's C library is, and a loopback server that hands out bytes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { listen } from '../setup/listen.ts'

/** Packs a folder as `tar -czf` does for a release: members begin with "./". */
export function packed(folder: string): Buffer {
  const archive = `${folder}.tar.gz`
  execFileSync('tar', ['-czf', archive, '-C', folder, '.'])
  const bytes = readFileSync(archive)
  rmSync(archive)
  return bytes
}

/** A tar.gz of text files, by path. */
export function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-archive-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  const bytes = packed(folder)
  rmSync(folder, { recursive: true })
  return bytes
}

export interface ArchiveServer {
  /** of a file of this name */
  url(name: string): string
  /** paths that were asked for */
  readonly asked: string[]
  close(): void
}

/** Answers every request in the same way. */
export async function serveArchive(answer: RequestListener | Buffer): Promise<ArchiveServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (typeof answer === 'function') answer(request, response)
    else response.setHeader('content-length', answer.length).end(answer)
  })
  const address = await listen(server)
  return {
    asked,
    url: (name) => `http://${address}/${name}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
