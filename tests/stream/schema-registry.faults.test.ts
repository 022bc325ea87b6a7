// The registry's client against a server that fails, and what the wire format makes of it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { schemaRegistry } from '../../stream/schema-registry.ts'
import { listen } from '../setup/listen.ts'
import { decode } from './decoded.ts'

const SCHEMA = JSON.stringify({ type: 'record', name: 'A', fields: [{ name: 'id', type: 'string' }] })
const COLUMNS = [{ name: 'id', kind: 'id' }] as const
let asked: { path: string; authorization: string | undefined }[] = []
let answer: (path: string, response: ServerResponse) => void = () => {}
const server = createServer((request: IncomingMessage, response) => {
  asked.push({ path: request.url!, authorization: request.headers.authorization })
  answer(request.url!, response)
})
let url = ''

beforeAll(async () => {
  url = `http://${await listen(server)}/api`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  asked = []
  answer = json(200, { schema: SCHEMA })
})

const json = (status: number, body: unknown) => (_path: string, response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const open = (more: object = {}) => schemaRegistry({ url, timeoutMs: 2000, ...more })
const framed = (id: number, text: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, id >>> 24, id >>> 16, id >>> 8, id]),
    Buffer.from([text.length * 2]),
    Buffer.from(text),
  ])

test('an id is asked for once', async () => {
  const registry = open()
  const [first, second] = await Promise.all([registry.schemaOf(3), registry.schemaOf(3)])
  expect(await registry.schemaOf(3)).toBe(first)
  expect(first).toBe(second)
  expect(asked.map(({ path }) => path)).toEqual(['/api/schemas/ids/3'])
})

test('rows keep their order while schemas are fetched', async () => {
  const values = [
    framed(1, 'a'),
    framed(2, 'b'),
    framed(1, 'c'),
    framed(3, 'd'),
    Buffer.from([1]),
    framed(2, 'e'),
    null,
  ]
  const { rows, rejects } = await decode({ format: 'avro', registry: true }, COLUMNS, values, { registry: open() })
  expect(Object.entries(rows).map(([offset, { id }]) => [Number(offset), id])).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [3, 'd'],
    [5, 'e'],
  ])
  expect(rejects).toEqual({ 4: ['expected a zero byte and a schema id, found 1 bytes'], 6: ['no value'] })
  expect(asked).toHaveLength(3)
})

test('a loaded schema is used at once, rejects in order', async () => {
  const registry = open()
  await registry.schemaOf(1)
  const values = [framed(1, 'a'), framed(1, ''), framed(2, ''), Buffer.from([1]), framed(1, 'b'), framed(2, 'c')]
  const { rows, rejects } = await decode({ format: 'avro', registry: true }, COLUMNS, values, { registry })
  expect(Object.values(rows).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(Object.keys(rejects)).toEqual(['1', '2', '3'])
})

test('JSON comes behind a schema id too', async () => {
  answer = json(200, { schemaType: 'JSON', schema: '{}' })
  const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 8]), Buffer.from('{"id":"a"}')])
  const bad = Buffer.concat([Buffer.from([0, 0, 0, 0, 8]), Buffer.from('{"id":"a"')])
  const { rows, rejects } = await decode({ format: 'json', registry: true }, COLUMNS, [value, bad], {
    registry: open(),
  })
  expect(rows).toEqual({ 0: { id: 'a' } })
  expect(rejects[1]![0]).toMatch(/^schema 8: not JSON: /)
})

test.each([
  [
    json(404, { error_code: 40403, message: 'Schema not found' }),
    'expected a schema that the registry knows, found none',
  ],
  [json(200, { schemaType: 'PROTOBUF', schema: 'x' }), 'expected a schema of format avro, found protobuf'],
  [json(200, { schema: '{"type":"record"}' }), 'expected the name of a type, found nothing'],
  [json(200, { schema: '{"type":"nothing"}' }), 'expected a declared type, found the name nothing'],
])('a schema that is no use rejects its records', async (given, reason) => {
  answer = given
  const { rejects } = await decode({ format: 'avro', registry: true }, COLUMNS, [framed(7, 'a')], { registry: open() })
  expect(rejects[0]).toEqual([`schema 7: ${reason}`])
})

test('an unknown id is asked for again later', async () => {
  const registry = open()
  answer = json(404, { error_code: 40403 })
  expect(await registry.schemaOf(5)).toBeNull()
  answer = json(200, { schema: SCHEMA })
  expect(await registry.schemaOf(5)).toMatchObject({ text: SCHEMA })
})

test.each([
  [{ user: 'me', password: 'secret' }, `Basic ${Buffer.from('me:secret').toString('base64')}`],
  [{ token: 'abc' }, 'Bearer abc'],
  [{}, undefined],
])('credentials are sent', async (more, expected) => {
  await open(more).schemaOf(1)
  expect(asked[0]!.authorization).toBe(expected)
})

test.each([
  [500, 'REGISTRY_UNAVAILABLE', 3],
  [429, 'REGISTRY_UNAVAILABLE', 3],
  [401, 'REGISTRY_REFUSED', 1],
  [403, 'REGISTRY_REFUSED', 1],
  [404, 'REGISTRY_REFUSED', 1],
])('status %i is %s', async (status, code, times) => {
  answer = json(status, 'no registry')
  await expect(open().schemaOf(1)).rejects.toMatchObject({ code })
  expect(asked).toHaveLength(times)
})

test('short trouble is waited for', async () => {
  answer = (path, response) => {
    if (asked.length < 3) response.destroy()
    else json(200, { schema: SCHEMA })(path, response)
  }
  expect(await open().schemaOf(1)).toMatchObject({ text: SCHEMA })
})

test('silence ends in time', async () => {
  answer = () => {}
  await expect(open({ timeoutMs: 50 }).schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  expect(asked).toHaveLength(3)
})

test('references come before what needs them', async () => {
  const country = '{"type":"enum","name":"geo.Country","symbols":["DE","FR"]}'
  const address = '{"type":"record","name":"geo.Address","fields":[{"name":"country","type":"geo.Country"}]}'
  const order =
    '{"type":"record","name":"A","fields":[{"name":"id","type":"string"},{"name":"to","type":"geo.Address"}]}'
  const reference = (name: string) => [{ name, subject: `of ${name}`, version: 2 }]
  const answers: Record<string, unknown> = {
    '/api/schemas/ids/1': { schema: order, references: reference('geo.Address') },
    '/api/subjects/of%20geo.Address/versions/2': { schema: address, references: reference('geo.Country') },
    '/api/subjects/of%20geo.Country/versions/2': { schema: country },
  }
  answer = (path, response) => json(200, answers[path])(path, response)
  const columns = [...COLUMNS, { name: 'country', kind: 'category', from: 'to.country' }] as const
  const value = Buffer.concat([framed(1, 'a'), Buffer.from([2])])
  const { rows } = await decode({ format: 'avro', registry: true }, columns, [value], { registry: open() })
  expect(rows).toEqual({ 0: { id: 'a', country: 'FR' } })
})

test('a source that needs a registry says so', async () => {
  await expect(decode({ format: 'avro', registry: true }, COLUMNS, [])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})

test.each([
  [
    '{"type":"record","name":"A","fields":[{"name":"other","type":"int"}]}',
    'expected a field for column id, found none',
  ],
  ['{"type":"record","name":"A","fields":[{"name":"id","type":"B"}]}', 'expected a declared type, found the name B'],
  ['{', 'expected an Avro schema in JSON: '],
])('a pipeline’s schema must fit: %s', async (schema, detail) => {
  const refused = expect.objectContaining({ detail: expect.stringContaining(detail) })
  await expect(decode({ format: 'avro', schema }, COLUMNS, [])).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    facts: refused,
  })
})
