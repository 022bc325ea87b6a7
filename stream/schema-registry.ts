// Schemas by id from a registry that speaks Confluent's REST API, kept for ever: an id never changes its meaning.
import { setTimeout as delay } from 'node:timers/promises'
import type { RegistrySettings } from '../schemas/endpoints.ts'
import { failure, isFailure } from '../schemas/failures.ts'

/** A schema as its writer registered it. */
export interface RegisteredSchema {
  readonly format: 'json' | 'avro' | 'protobuf'
  readonly text: string
  /** schemas that it names, each after those that it needs itself */
  readonly references: readonly { readonly name: string; readonly text: string }[]
}

export interface SchemaRegistry {
  /** null: the registry does not know the id. Throws REGISTRY_UNAVAILABLE, REGISTRY_REFUSED. */
  schemaOf(id: number): Promise<RegisteredSchema | null>
  /** The schema, if it has been asked for before. */
  loaded(id: number): RegisteredSchema | undefined
}

/** Schemas that one schema may pull in. */
const MAX_REFERENCES = 100
const ATTEMPTS = 3
const FORMATS = { AVRO: 'avro', PROTOBUF: 'protobuf', JSON: 'json' } as const

interface Answer {
  readonly schema: string
  readonly schemaType?: keyof typeof FORMATS
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[]
}

/** One per thread: what is known, and requests under way, are shared by all ranges. An unknown id is asked for again by each range. */
export function schemaRegistry(settings: RegistrySettings): SchemaRegistry {
  const known = new Map<number, Promise<RegisteredSchema | null>>()
  const loaded = new Map<number, RegisteredSchema>()
  return {
    loaded: (id) => loaded.get(id),
    schemaOf(id) {
      const asked = known.get(id)
      if (asked !== undefined) return asked
      const answer = load(settings, id)
      known.set(id, answer)
      // neither failures nor "unknown" are for ever
      const forget = () => void known.delete(id)
      answer.then((schema) => (schema === null ? forget() : loaded.set(id, schema)), forget)
      return answer
    },
  }
}

async function load(settings: RegistrySettings, id: number): Promise<RegisteredSchema | null> {
  const answer = await get(settings, `/schemas/ids/${id}`)
  if (answer === null) return null
  const references = new Map<string, string>()
  await collect(settings, answer, references, 0)
  const format = FORMATS[answer.schemaType ?? 'AVRO']
  const texts = [...references].map(([name, text]) => ({ name, text }))
  return { format, text: answer.schema, references: texts }
}

/** Depth first, so that what a schema needs stands before it. */
async function collect(settings: RegistrySettings, answer: Answer, into: Map<string, string>, depth: number) {
  for (const { name, subject, version } of answer.references ?? []) {
    if (into.has(name)) continue
    if (depth > MAX_REFERENCES || into.size >= MAX_REFERENCES)
      throw refused(settings, `at most ${MAX_REFERENCES} references`, 'more')
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
    const referenced = await get(settings, path)
    if (referenced === null) throw refused(settings, `the schema ${subject} version ${version}`, 'that it is unknown')
    await collect(settings, referenced, into, depth + 1)
    into.set(name, referenced.schema)
  }
}

/** null: 404. A short trouble is waited for; a long one is left to the caller's retries. */
async function get(settings: RegistrySettings, path: string): Promise<Answer | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(settings, path)
    } catch (error) {
      if (attempt === ATTEMPTS || !isFailure(error, 'REGISTRY_UNAVAILABLE')) throw error
      await delay(100 * 2 ** attempt)
    }
  }
}

async function ask(settings: RegistrySettings, path: string): Promise<Answer | null> {
  const { url, timeoutMs } = settings
  const signal = AbortSignal.timeout(timeoutMs)
  let response: Response
  let body: string
  try {
    response = await fetch(url.replace(/\/+$/, '') + path, { headers: headersOf(settings), signal })
    body = await response.text()
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error
    throw failure('REGISTRY_UNAVAILABLE', { url, detail: `${path}: ${(cause as Error).message}` }, error)
  }
  const found = `status ${response.status} for ${path}`
  if (response.status === 429 || response.status >= 500) throw failure('REGISTRY_UNAVAILABLE', { url, detail: found })
  if (response.status === 404 && isRegistryError(body)) return null
  if (!response.ok) throw refused(settings, 'a schema', found)
  const answer = parse(body)
  if (typeof answer?.schema !== 'string') throw refused(settings, 'a schema in JSON', `another answer for ${path}`)
  const type = answer.schemaType ?? 'AVRO'
  if (!Object.hasOwn(FORMATS, type)) throw refused(settings, 'AVRO, PROTOBUF or JSON', `schema type ${type}`)
  return answer as Answer
}

/** A registry names its errors by a code: 40403 schema not found, 40401 subject, 40402 version. A plain 404 is some other server. */
function isRegistryError(body: string): boolean {
  const code = parse(body)?.error_code
  return typeof code === 'number' && Math.floor(code / 100) === 404
}

function parse(body: string): (Partial<Answer> & { readonly error_code?: unknown }) | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

function headersOf({ user, password, token }: RegistrySettings): Record<string, string> {
  const accept = 'application/vnd.schemaregistry.v1+json, application/json'
  if (token !== undefined) return { accept, authorization: `Bearer ${token}` }
  if (user === undefined) return { accept }
  return { accept, authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` }
}

function refused({ url }: RegistrySettings, expected: string, found: string): Error {
  return failure('REGISTRY_REFUSED', { url, expected, found })
}
