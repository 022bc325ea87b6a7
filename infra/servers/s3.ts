// The local S3 server: which of two it is, and the keys that both take.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { S3_SERVERS, type S3ServerName } from '../../schemas/endpoints.ts'
import { failure } from '../../schemas/failures.ts'
import { S3PROXY_DATA, startS3proxy } from './s3proxy.ts'
import type { ServerStart } from './server-start.ts'
import { startVersitygw, VERSITYGW_DATA } from './versitygw.ts'

/** Known to everybody: the server listens on the loopback address only and holds nothing but local trials. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'sluice-local', secretAccessKey: 'sluice-local-secret' } as const

const START = { s3proxy: startS3proxy, versitygw: startVersitygw } as const satisfies Record<S3ServerName, unknown>
/** below the server's folder; neither server reads what the other one wrote */
const DATA: Record<S3ServerName, string> = { s3proxy: S3PROXY_DATA, versitygw: VERSITYGW_DATA }

/** Fetches or builds the server where it is missing, and starts it. Throws S3_SERVER_CHANGED as `chooseS3Server`. */
export async function startS3(start: ServerStart): Promise<void> {
  const { folder, s3Server, say } = start
  const name = chooseS3Server(folder, s3Server)
  if (name !== usualS3Server() && s3Server === undefined) say(`${name} wrote the objects in ${folder}: it goes on`)
  await START[name]({ ...start, credentials: LOCAL_CREDENTIALS })
}

/**
 * The wanted server, else the one that wrote what is there, else the usual one. Throws S3_SERVER_CHANGED where another one than the
 * wanted wrote what is there: its bucket would look empty.
 */
export function chooseS3Server(folder: string, wanted: S3ServerName | undefined): S3ServerName {
  const wrote = S3_SERVERS.filter((name) => existsSync(path.join(folder, DATA[name])))
  const [first = wanted ?? usualS3Server()] = wrote
  if (wanted === undefined) return first
  if (wrote.length === 0 || wrote.includes(wanted)) return wanted
  throw failure('S3_SERVER_CHANGED', { folder, expected: wanted, found: first })
}

const usualS3Server = (): S3ServerName => S3_SERVERS[0]
