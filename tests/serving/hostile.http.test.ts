// Bodies that are no JSON, not what JSON.parse makes of them, or too much: each is refused by name, in the time of one look at it.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AllServed, type Answer, FLOWER, post, serveAll } from './serve-all.ts'

let all: AllServed
beforeAll(async () => {
  all = await serveAll()
})
afterAll(() => all?.serving.close())

const ROW = JSON.stringify(FLOWER)
const ask = (body: unknown, path = '/flowers', headers = {}): Promise<Answer> =>
  post(all.serving, body, { path, headers })

function expectRefused({ status, body }: Answer, field: string, found: RegExp | string): void {
  expect({ status, ...body }).toMatchObject({
    status: 400,
    code: 'REQUEST_INVALID',
    field,
    expected: expect.any(String),
    found: typeof found === 'string' ? found : expect.stringMatching(found),
    next: expect.any(String),
  })
  expect(JSON.stringify(body).length).toBeLessThan(1_000)
}

describe('text that is no JSON', () => {
  test.each([
    ['single quotes', "{'petal': 2}", /position 1/],
    ['a trailing comma', '{"petal": 2,}', /position 12/],
    ['words of Python', '{"petal": None}', /token 'N'/],
    ['a comment', '{"petal": 2 /* cm */}', /position 12/],
    ['names without quotes', '{petal: 2}', /position 1/],
    ['NaN', '{"petal": NaN}', /token 'N'/],
    ['minus infinity', '{"petal": -Infinity}', /minus sign/],
    ['a leading zero', '{"petal": 02}', /position 11/],
    ['a file name of curl', '@row.json', /token '@'/],
    ['half of it', '{"petal": 2, "so', /Unterminated/],
    ['two rows on lines', `${ROW}\n${ROW}`, /line 2/],
    ['a control character', '{"soil":"lo\0am"}', /control character/],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${ROW}`, 'utf16le'), /not UTF-8/],
    ['UTF-16', Buffer.from(ROW, 'utf16le'), /position 1/],
    ['Latin 1', Buffer.from('{"petal":2,"soil":"l\xf6am"}', 'latin1'), /not UTF-8/],
    ['damage in an ignored field', Buffer.from('{"petal":2,"x":"\xc3\x28"}', 'latin1'), /not UTF-8/],
    ['spaces', '   \n', /end of JSON/],
    ['nothing', '', 'nothing'],
    ['a mark alone', '\ufeff', 'nothing'],
    ['lists that do not close', '['.repeat(60), /end of JSON/],
  ])('%s', async (_what, text, found) => expectRefused(await ask(text), 'body', found))
})

describe('another value than an object', () => {
  test.each([
    ['a list', [FLOWER]],
    ['a string', JSON.stringify(ROW)],
    ['a number', '7'],
    ['null', 'null'],
    ['a boolean', 'true'],
    ['a list', `${'['.repeat(64)}${']'.repeat(64)}`],
  ])('%s', async (found, body) => {
    expectRefused(await ask(body), 'body', found)
    expectRefused(await ask(body, '/tales/generate'), 'body', found)
  })
})

describe('a key that stands twice', () => {
  test.each([
    ['petal', '{"petal":2,"petal":3}'],
    ['petal', '{"rows":[{"petal":2},{"petal":2,"petal":3}]}'],
    ['rows', '{"rows":[{"petal":2}],"rows":[{"petal":3}]}'],
    ['petal', '{"petal":2,"p\\u0065tal":3}'],
    ['a', '{"petal":2,"x":[{"a":1,"a":2}]}'],
    ['__proto__', '{"__proto__":2,"__proto__":3}'],
    ['x', `{"petal":2,"y":"${'a'.repeat(70_000)}","x":1,"x":2}`],
  ])('%s', async (key, body) => expectRefused(await ask(body), 'body', `"${key}" twice`))

  test('is refused in requests for text', async () => {
    expectRefused(await ask('{"maxTokens":1,"maxTokens":2}', '/tales/generate'), 'body', '"maxTokens" twice')
  })
})

describe('a name that no column has', () => {
  test.each(['__proto__', 'constructor'])('%s is said to be one', async (name) => {
    for (const value of ['{"soil":"loam"}', '{"prototype":{"soil":"loam"}}', '1']) {
      const found = `"${name}", which no column has`
      expectRefused(await ask(`{"petal":2,"${name}":${value}}`), 'body', found)
      expectRefused(await ask(`{"rows":[{"petal":2},{"petal":2,"${name}":${value}}]}`), 'rows[1]', found)
    }
    expectRefused(await ask(`{"${name}":{}}`, '/tales/generate'), name, 'this name')
  })

  test('is ignored below a field that is', async () => {
    expect((await ask('{"petal":2,"soil":"loam","x":{"__proto__":{"a":1}}}')).status).toBe(200)
  })

  test('may be one of a thousand', async () => {
    const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`unknown${i}`, i]))
    expect((await ask({ ...FLOWER, ...names(1_000) })).status).toBe(200)
    const answer = await ask({
      rows: [
        { ...FLOWER, ...names(1_000) },
        { ...FLOWER, onemore: 1 },
      ],
    })
    expectRefused(answer, 'rows[1]', 'more in this request')
    expect(answer.body.expected).toContain('1000')
  })

  test('of 5 MB is not sent back', async () => {
    const name = 'x'.repeat(5_000_000)
    expectRefused(await ask({ [name]: 1 }), 'body', /^only "x{50,60}\.\.\.$/)
    expectRefused(await ask({ [name]: 1 }, '/tales/generate'), `${'x'.repeat(59)}…`, 'this name')
    expectRefused(await ask({ rows: [], [name]: 1 }), 'body', /^"x{59}…" beside it$/)
  })
})

describe('values', () => {
  test.each([
    ['petal', '{"petal":1e400}', '1e400'],
    ['petal', '{"petal":-1e400}', '-1e400'],
    ['petal', `{"petal":${'1'.repeat(7_000_000)}}`, /^1{57}\.\.\.$/],
    ['petal', '{"petal":"2"}', '"2"'],
    ['petal', '{"petal":""}', '""'],
    ['petal', '{"petal":true}', 'true'],
    ['petal', '{"petal":[2]}', '[2]'],
    ['petal', '{"petal":{"value":2}}', '{"value":2}'],
    ['petal', '{"petal":51}', '51'],
    ['soil', '{"soil":7}', '7'],
    ['soil', '{"soil":["loam"]}', '["loam"]'],
    ['soil', '{"soil":"Loam"}', '"Loam"'],
    ['soil', '{"soil":"loam "}', '"loam "'],
    ['soil', '{"soil":"\\ud800"}', '"\\ud800"'],
    ['soil', `{"soil":"${'x'.repeat(7_000_000)}"}`, /^"x{50,60}\.\.\.$/],
    ['soil', `{"soil":${'['.repeat(60)}${']'.repeat(60)}}`, /^\[{50,60}\.\.\.$/],
  ])('of %s are refused: %.40s', async (field, body, found) => expectRefused(await ask(body), field, found))

  test('of lists are refused by their place', async () => {
    expectRefused(await ask('{"wave":[1,null]}', '/prices'), 'wave', /index 1/)
    expectRefused(await ask('{"wave":[1]}', '/prices'), 'wave', '1 elements')
    expectRefused(await ask('{"amount":1}', '/prices'), 'wave', 'nothing')
  })
})

describe('too much', () => {
  test.each([
    ['65 levels', `{"petal":2,"x":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['a million levels of lists', `{"petal":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`],
    ['a million levels of objects', `${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`],
    ['a million levels that do not close', '['.repeat(1_000_000)],
  ])('%s', async (_what, body) => {
    for (const path of ['/flowers', '/tales/generate']) {
      const answer = await ask(body, path)
      expectRefused(answer, 'body', 'more')
      expect(answer.body.expected).toBe('at most 64 levels of objects and lists')
    }
  })

  test.each([
    ['9,000 names', 9_000, /at most 1000 different names/],
    ['10,001 names', 10_000, /at most 10000 names in one object/],
    ['300,000 names', 300_000, /at most 10000 names in one object/],
  ])('%s, in the time of one look', async (_what, count, expected) => {
    const names = Object.fromEntries(Array.from({ length: count }, (_, i) => [`unknown_${i}`, i]))
    const body = JSON.stringify({ petal: 2, ...names })
    const start = process.cpuUsage()
    const answer = await ask(body)
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000) // µs, of client and server
    expectRefused(answer, 'body', /^more/)
    expect(answer.body.expected).toMatch(expected)
  })

  test('100,000 rows', async () => {
    const answer = await ask({ rows: Array.from({ length: 100_000 }, () => ({ petal: 2 })) })
    expectRefused(answer, 'rows', '100000')
    expect(answer.body.expected).toBe('1 to 1000 rows')
  })

  test('a body beyond its limit, which is named', async () => {
    const { status, body } = await ask(`{"soil":"${'x'.repeat(9_000_000)}"}`)
    expect([status, body]).toEqual([
      413,
      {
        code: 'REQUEST_INVALID',
        message: 'body: expected at most 8388608 bytes, found 9000011 bytes',
        field: 'body',
        expected: 'at most 8388608 bytes',
        found: '9000011 bytes',
        next: 'send fewer rows at once',
      },
    ])
  })
})

describe('another form of text', () => {
  test.each([
    ['application/x-www-form-urlencoded', /curl -H/],
    ['multipart/form-data; boundary=x', /content-type: application\/json/],
    ['text/csv', /content-type: application\/json/],
    ['application/jsonlines', /content-type: application\/json/],
    ['application/vnd.api+json', /content-type: application\/json/],
    ['json', /content-type: application\/json/],
    ['', /content-type: application\/json/],
  ])('%s is named, and what is taken', async (type, next) => {
    const { status, headers, body } = await ask(ROW, '/flowers', { 'content-type': type })
    expect([status, headers.get('accept')]).toEqual([415, 'application/json'])
    expect(body).toMatchObject({ field: 'content-type', expected: 'application/json', found: type || 'none' })
    expect(body.next).toMatch(next)
  })

  test.each(['utf-16', 'ISO-8859-1', '"latin1"'])('charset %s is named', async (charset) => {
    const { status, body } = await ask(ROW, '/flowers', { 'content-type': `application/json; charset=${charset}` })
    const found = `charset=${charset.replaceAll('"', '')}`
    expect({ status, ...body }).toMatchObject({ status: 415, field: 'content-type', expected: 'charset=utf-8', found })
  })

  test.each(['gzip', 'deflate', 'br', 'GZIP, identity'])('encoding %s is named', async (encoding) => {
    const { status, headers, body } = await ask(gzipSync(ROW), '/flowers', { 'content-encoding': encoding })
    expect([status, headers.get('accept-encoding')]).toEqual([415, 'identity'])
    expect(body).toMatchObject({ field: 'content-encoding', expected: 'none', found: encoding })
  })

  test.each([{ 'content-type': 'Application/JSON; Charset="UTF-8"' }, { 'content-encoding': 'identity' }])(
    '%j is the usual one',
    async (headers) => expect((await ask(ROW, '/flowers', headers)).status).toBe(200),
  )
})

test('nothing of it was unexpected', () => expect(all.hidden).toEqual([]))
