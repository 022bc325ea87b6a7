// Values of persons, planted everywhere: none of them reaches the store, in any form.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadConfig, maskedConfig } from '../../../core/config.ts'
import { openPersonalKey } from '../../../core/personal-key.ts'
import { readColumns } from '../../../lake/columns/read.ts'
import { readRejects } from '../../../lake/snapshots/segment.ts'
import { headSnapshot, snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import type { Column } from '../../../schemas/columns.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { protectPersonal } from '../../../stream/personal.ts'
import { asActivity, ingestAll, openTwins, type Twins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

const SECRET = 'a-secret-of-at-least-32-bytes-of-this-test'
const personalKey = openPersonalKey(SECRET)

const plan: Plan = aPlan({
  columns: [
    { name: 'id', kind: 'id', personal: 'hash' },
    { name: 'x', kind: 'number' },
    { name: 'y', kind: 'flag' },
    { name: 'email', kind: 'text', maxBytes: 80, personal: 'hash' },
    { name: 'name', kind: 'text', maxBytes: 80, personal: 'mask' },
    { name: 'street', kind: 'text', maxBytes: 20, personal: 'drop' },
  ],
})

const PLANTED = ['Plantagenet', 'Eleonore', 'Rue-de-Rivoli']
const person = (n: number) => ({
  id: `Plantagenet-${n}`,
  x: n / 10,
  y: n % 2 === 0,
  email: `Eleonore${n % 7}@example.org`,
  name: `Eleonore ${n}`,
  street: `Rue-de-Rivoli ${n}`,
})

async function filled(key: Partial<Parameters<typeof openTwins>[0]> = { personalKey }) {
  const twins = openTwins(key)
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  const events = Array.from({ length: 60 }, (_, n) => ({ key: `Plantagenet-${n}`, value: JSON.stringify(person(n)) }))
  const bad = [
    { key: 'Plantagenet-bad', value: '{"id":"Plantagenet"' },
    { key: 'Plantagenet-bad', value: JSON.stringify({ ...person(1), x: 'Eleonore' }) },
    { key: 'Plantagenet-bad', value: JSON.stringify({ ...person(1), street: 'Rue-de-Rivoli'.repeat(9) }) },
    { key: 'Plantagenet-bad', value: '{"id":"Plantagenet","id":"Eleonore","x":1}' },
    { key: 'Plantagenet-bad', value: Buffer.from('"Plantagenet \xff"', 'latin1') },
    { key: null, value: null },
  ]
  twins.broker.append('demo', 0, [...events, ...bad])
  return twins
}

const filesOf = async ({ store }: Twins) => {
  const { source } = await openSource()
  const { snapshot } = (await headSnapshot({ store, source }))!
  return { snapshot, ...(await snapshotSegments({ store, snapshot })) }
}
const openSource = async () => (await filled()).activities.planIngest({ plan })

/** As text, UTF-16, hex and base64, in keys and in objects. */
async function leaks({ store, keys }: Twins): Promise<string[]> {
  const found: string[] = []
  const secrets = [...PLANTED, SECRET]
  const forms = secrets.flatMap((text) => {
    const bytes = Buffer.from(text)
    return [
      bytes,
      Buffer.from(text, 'utf16le'),
      Buffer.from(bytes.toString('hex')),
      Buffer.from(bytes.toString('base64').slice(0, -4)),
    ]
  })
  for (const key of await keys()) {
    const object = Buffer.concat([Buffer.from(key), (await store.get(key))!])
    for (const form of forms) if (object.includes(form)) found.push(`${key}: ${form.toString('latin1')}`)
  }
  return found
}

test('nothing planted is in the bucket', async () => {
  const twins = await filled()
  const snapshot = await ingestAll(twins, plan, 'run-1')
  const { result } = await asActivity(() => twins.activities.cleanSnapshot({ plan, snapshot }))
  expect(result.value.accounting).toMatchObject({ in: 66, clean: 60, rejected: 6 })
  expect((await twins.keys()).length).toBeGreaterThan(6)
  expect(await leaks(twins)).toEqual([])
})

test('the same search finds what is not personal', async () => {
  const twins = await filled({})
  const open = JSON.parse(JSON.stringify(plan).replaceAll(/,"personal":"\w+"/g, ''))
  await ingestAll(twins, open as Plan, 'run-1')
  expect((await leaks(twins)).length).toBeGreaterThan(4)
})

test('columns hold hashes, masks and nothing', async () => {
  const twins = await filled()
  await ingestAll(twins, plan, 'run-1')
  const { byName } = await readColumns(twins.store, (await filesOf(twins)).segments[0]!)
  const hmac = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex')
  expect(textsOf(byName.id!)[3]).toBe(hmac('Plantagenet-3'))
  expect(textsOf(byName.email!)[9]).toBe(hmac('Eleonore2@example.org'))
  expect(new Set(textsOf(byName.name!))).toEqual(new Set(['***']))
  expect(new Set(textsOf(byName.street!))).toEqual(new Set([null]))
  expect(Buffer.from(bytesOf(byName._key!, 3)).toString('hex')).toBe(hmac('Plantagenet-3'))
})

test('rejects keep a hash and the reason', async () => {
  const twins = await filled()
  await ingestAll(twins, plan, 'run-1')
  const { rejects } = await filesOf(twins)
  const records = (await Promise.all(rejects.map((ref) => readRejects(twins.store, ref)))).flat()
  expect(records).toHaveLength(6)
  expect(records.every(({ value, headers }) => value === null && headers === undefined)).toBe(true)
  expect(records.map(({ reasons }) => reasons[0])).toEqual([
    'does not decode',
    'x: expected a finite number',
    expect.stringMatching(/^street: expected [^R]*$/),
    expect.any(String),
    'does not decode',
    'no value',
  ])
  expect(records[1]!.reasons[1]).toMatch(/^withheld: HMAC-SHA-256 [0-9a-f]{64}$/)
})

test('the key id stands in the source', async () => {
  const twins = await filled()
  const snapshot = await ingestAll(twins, plan, 'run-1')
  expect(snapshot.source.personalKey).toBe(personalKey.id)
  expect(personalKey.id).toMatch(/^[0-9a-f]{12}$/)
})

test('nothing is read without the key', async () => {
  const twins = await filled({})
  await expect(twins.activities.planIngest({ plan })).rejects.toMatchObject({ code: 'PERSONAL_KEY_MISSING' })
  const { source, ranges } = await openSource()
  const ingest = asActivity(() => twins.activities.ingestRanges({ plan, source, ranges: [...ranges] }))
  await expect(ingest).rejects.toMatchObject({ code: 'PERSONAL_KEY_MISSING' })
  expect(await twins.keys()).toEqual([])
})

test('another key is refused', async () => {
  const twins = await filled()
  await ingestAll(twins, plan, 'run-1')
  const { store, broker } = twins
  const other = openTwins({ store, broker, personalKey: openPersonalKey('another-secret-of-at-least-32-bytes') })
  await expect(other.activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'PERSONAL_KEY_CHANGED',
    facts: { expected: personalKey.id },
  })
})

test('any row keeps its length and order', () => {
  const cells = fc.array(fc.option(fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(cells, (texts) => {
      const rows = {
        rejects: [],
        columns: { rows: texts.length, byName: { id: strings(texts), email: strings(texts), _key: strings(texts) } },
      }
      const specs = plan.columns.filter(({ name }) => ['id', 'email'].includes(name))
      const { columns } = protectPersonal(rows, specs, personalKey)
      const hashes = texts.map((text) =>
        text === null ? null : createHmac('sha256', SECRET).update(text).digest('hex'),
      )
      expect(textsOf(columns!.byName.id!)).toEqual(hashes)
    }),
  )
})

test('a short key is refused, and none is shown', () => {
  const short = () => loadConfig({ SLUICE_PERSONAL_KEY: 'short' })
  expect(short).toThrow('at least 32 bytes')
  expect(JSON.stringify(maskedConfig(loadConfig({ SLUICE_PERSONAL_KEY: SECRET })))).not.toContain(SECRET)
  expect(JSON.stringify(personalKey)).not.toContain(SECRET)
})

function strings(texts: readonly (string | null)[]): Column {
  const offsets = new Int32Array(texts.length + 1)
  const valid = new Uint8Array((texts.length + 7) >> 3)
  const cells = texts.map((text) => Buffer.from(text ?? ''))
  for (const [row, { length }] of cells.entries()) {
    offsets[row + 1] = offsets[row]! + length
    if (texts[row] !== null) valid[row >> 3]! |= 1 << (row & 7)
  }
  return { type: 'utf8', offsets, bytes: Buffer.concat(cells), valid }
}

function bytesOf(column: Column, row: number): Uint8Array {
  if (column.type !== 'utf8' && column.type !== 'binary') throw new Error(`a column of ${column.type}`)
  return column.bytes.subarray(column.offsets[row], column.offsets[row + 1])
}

function textsOf(column: Column): (string | null)[] {
  const rows = 'offsets' in column ? column.offsets.length - 1 : 0
  return Array.from({ length: rows }, (_, row) => {
    if (column.valid !== null && ((column.valid[row >> 3]! >> (row & 7)) & 1) === 0) return null
    return Buffer.from(bytesOf(column, row)).toString()
  })
}
