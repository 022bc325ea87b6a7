// What clients of other model servers send, and rows in which nothing is asked: refused by name, never answered.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AllServed, FLOWER, post, serveAll } from './serve-all.ts'

let all: AllServed
beforeAll(async () => {
  all = await serveAll()
})
afterAll(() => all?.serving.close())

const ask = (body: unknown, path?: string) => post(all.serving, body, path === undefined ? {} : { path })

describe('the form of another server', () => {
  test.each([
    ['instances', { instances: [FLOWER] }, /TensorFlow Serving/],
    ['signature_name', { signature_name: 'serving_default', instances: [[2, 1]] }, /TensorFlow Serving/],
    ['inputs', { inputs: { petal: [2], soil: ['loam'] } }, /KServe v2/],
    ['inputs', { inputs: [FLOWER], params: { capture: true } }, /MLflow/],
    ['inputs', { id: '42', inputs: [{ name: 'petal', shape: [1], datatype: 'FP32', data: [2] }] }, /Triton/],
    ['dataframe_split', { dataframe_split: { columns: ['petal'], data: [[2]] } }, /MLflow/],
    ['dataframe_records', { dataframe_records: [FLOWER] }, /MLflow/],
    ['columns', { columns: ['petal', 'soil'], data: [[2, 'loam']] }, /pandas/],
    ['data', { data: { names: ['petal'], ndarray: [[2]] } }, /Seldon/],
    ['jsonData', { jsonData: FLOWER }, /Seldon/],
    ['strData', { meta: {}, strData: 'x' }, /Seldon/],
    ['input_data', { input_data: { columns: ['petal'], index: [0], data: [[2]] } }, /Azure ML/],
    ['Inputs', { Inputs: { data: [FLOWER] } }, /Azure ML/],
    ['text_input', { text_input: 'hello', max_tokens: 3 }, /Triton/],
  ])('%s is refused with the form that is taken', async (name, body, who) => {
    const answer = await ask(body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'body',
      expected: 'a row such as {"petal": …}, with at least one of petal, soil; many as {"rows": [row, …]}',
      found: expect.stringMatching(`"${name}", which`),
      next: expect.stringContaining('serve.md'),
    })
    expect(answer.body.found).toMatch(who)
  })

  test('inside of rows is named by its row', async () => {
    const { status, body } = await ask({ rows: [FLOWER, { instances: [FLOWER] }] })
    expect([status, body.field, body.expected]).toEqual([
      400,
      'rows[1]',
      'a row such as {"petal": …}, with at least one of petal, soil',
    ])
  })

  test('is a row where a column has its name', async () => {
    expect((await ask({ body: 'ab', data: 1, inputs: 2 }, '/tales')).status).toBe(200)
  })
})

describe('a row in which nothing is asked', () => {
  test.each([
    ['holds nothing', {}, 'an empty object'],
    ['is wrapped', { row: FLOWER }, 'only "row"'],
    ['has another name', { some_data: 'some data' }, 'only "some_data"'],
    ['holds an id', { id: 'x' }, 'only "id"'],
    ['holds the label', { flower: 'iris' }, 'only "flower"'],
    ['has an empty name', { '': 2 }, 'only ""'],
    ['has a name of objects', { toString: 1 }, 'only "toString"'],
  ])('%s', async (_what, row, found) => {
    const single = await ask(row)
    expect([single.status, single.body.field, single.body.found]).toEqual([400, 'body', found])
    const batch = await ask({ rows: [row] })
    expect([batch.status, batch.body.field, batch.body.found]).toEqual([400, 'rows[0]', found])
  })

  test('is a text row without its text', async () => {
    expect((await ask({}, '/tales')).status).toBe(400)
    expect((await ask({ body: null }, '/tales')).status).toBe(200)
  })

  test('lists ten of many names', async () => {
    const row = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`name${i}`, i]))
    expect((await ask(row)).body.found).toMatch(/^only "name0", .*"name9" and 5 more$/)
  })
})

describe('what is asked is answered', () => {
  test.each([
    ['with columns that no feature reads', { ...FLOWER, id: 'x', flower: 'iris' }],
    ['with fields of other systems', { ...FLOWER, traceParent: '00-1', meta: { a: [{}] } }],
    ['with a value that is missing', { petal: null, soil: 'loam' }],
    ['with minus zero', '{"petal":-0,"soil":"loam"}'],
    ['with a number below what floats hold', '{"petal":1e-400,"soil":"loam"}'],
    ['behind a byte order mark', `\ufeff${JSON.stringify(FLOWER)}`],
    ['behind much space', `${' '.repeat(7_000_000)}${JSON.stringify(FLOWER)}`],
    ['with 64 levels', `{"petal":2,"soil":"loam","x":${'['.repeat(63)}${']'.repeat(63)}}`],
  ])('%s', async (_what, body) => {
    const { status, body: answer } = await ask(body)
    expect([status, answer.predictions]).toMatchObject([200, [{ value: expect.any(String) }]])
  })

  test('by rows alone', async () => {
    for (const other of ['petal', 'params', 'columns']) {
      const { status, body } = await ask({ rows: [FLOWER], [other]: 3 })
      expect([status, body.field, body.found]).toEqual([400, 'body', `"${other}" beside it`])
    }
  })

  test('in the names of columns, not of events', async () => {
    for (const event of [{ order: { amount: 5 } }, { 'order.amount': 5 }]) {
      const { status, body } = await ask({ wave: [0, 0], ...event }, '/prices')
      expect([status, body.field, body.expected]).toEqual([
        400,
        Object.keys(event)[0],
        'a known field (did you mean amount?)',
      ])
    }
    const both = await ask({ wave: [0, 0], amount: 0, account: 'b', order: { amount: 5 } }, '/prices')
    expect([both.status, both.body.predictions]).toEqual([200, [{ value: 2 }]])
  })
})

test('nothing of it was unexpected', () => expect(all.hidden).toEqual([]))
