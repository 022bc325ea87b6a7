// What a file exports is used by another one, and by the product: no rooms that nobody enters, no doors for tests alone.
import { expect, test } from 'vitest'
import { exportsOf, takenBy } from './exports.ts'
import { code, folderOf, product, read } from './tree.ts'

/** Exports that no import takes, and who does. */
const FOUND_OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/^index\.ts /, 'the public words: files of users take them'],
  [
    /^((tests\/fixtures\/.*|templates\/\w+\/))?pipelines\/[\w-]+\/events\.ts events$/,
    '`sluice send` and the demo load them by their name',
  ],
  [/^tests\/bench\/[\w-]+\.ts run$/, '`npm run bench <name>` loads them by their name'],
  [/^tests\/fixtures\/ml\/custom\/\w+\.ts network$/, 'a plan names the file'],
  [/^workflows\/payload-converter\.ts payloadConverter$/, 'Temporal loads it by its path and this name'],
  [/^tests\/plan\/words\/(types|wide)\.test-d\.ts /, 'compiled and never run'],
]

const NO_NETWORK = 'what it decides is fetched and unpacked by no test'
/** Values of the product that tests alone import. A new one needs a reason: testing through what the product calls is better. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'cli/demo/send-missing.ts missingEvents': 'the law of a sender that is killed at any time; its caller sends',
  'cli/launcher.ts launcherFor': 'places in which no test runs',
  'cli/program.ts buildProgram': 'printed commands are parsed there, and not run',
  'core/crc32c.ts crc32cInJavaScript': 'the way of machines without the native one, which those of tests have',
  'infra/downloads/jars.ts checkJars': NO_NETWORK,
  'infra/downloads/maven-settings.ts parseMavenSettings': 'the law of mirrors; its caller reads files of the user',
  'infra/downloads/netrc.ts parseNetrc': 'as above',
  'infra/downloads/package-index.ts chooseWheel': 'wheels of other platforms than the one at hand',
  'infra/downloads/package-index.ts parseIndexPage': NO_NETWORK,
  'infra/downloads/pip-settings.ts parsePipConfig': 'the law of sections; its caller reads files of the user',
  'infra/downloads/wheel-parts.ts rangesOf': NO_NETWORK,
  'infra/downloads/wheels.ts fetchWheel': 'one wheel, where no lock file names it',
  'infra/downloads/wheels.ts installedPath': NO_NETWORK,
  'infra/servers/servers.ts killServer': 'a crash, which nothing of the product wants',
  'infra/tensorflow/addon.ts compilerArguments': NO_NETWORK,
  'infra/tensorflow/wheel.ts isWantedMember': NO_NETWORK,
  'lake/store/s3-multipart.ts planParts': 'the law of parts up to 5 TB; its caller uploads',
  'ml/backends/processor.ts processorIn': 'what systems say of other processors than the one at hand',
  'ml/model/model.ts modelBy': 'benchmarks open eager and compiled passes, where the product chooses',
  'ml/text/sampling.ts candidatesOf': 'probabilities, of which its caller draws one',
  'pipelines/digits/mnist.ts readTestDrawings': 'images that no pipeline may send: npm run bench mnist',
  'stream/avro/values.ts decimalText': 'digits as Python writes them',
  'stream/kafka/batch.ts CODECS': 'the codes that batches of tests are written with',
  'stream/rows/build.ts buildInt32': 'the law of growing columns, for each of their types',
  'workflows/catch-up.ts batchesOf': 'its caller runs in the sandbox of Temporal alone',
  'workflows/catch-up.ts joined': 'its caller runs in the sandbox of Temporal alone',
}
/** Folder of the product that serves tests and nothing else. */
const TEST_SERVERS = 'infra/testing/'

const taken = (files: readonly string[]) => new Set(files.flatMap((file) => takenBy(file, read(file))))
const byAll = taken(code)
const byProduct = taken(product)
const exported = code.flatMap((file) =>
  exportsOf(read(file)).map((each) => ({ ...each, file, id: `${file} ${each.name}` })),
)
const leftOver = exported.filter(({ file, id, isPart }) => !isPart && !byProduct.has(id) && !byProduct.has(`${file} *`))
const isFoundOtherwise = ({ id }: { id: string }) => FOUND_OTHERWISE.some(([pattern]) => pattern.test(id))

test('exports and imports are read as they are written', () => {
  const text = [
    "import type { A } from './tree.ts'",
    'export interface Size {',
    '  readonly rows: number',
    '}',
    'type Own = Size | null',
    'export async function read({',
    '  file,',
    '}: {',
    '  file: string',
    '}): Promise<Size> {',
    '  const inside: Inside = 1',
    '}',
    'export interface Inside {}',
    "export { b as c, type D } from './circles.ts'",
    "const bundled = `export { e } from './tests/repository/tree'`",
    "export const load = () => import('./exports.ts')",
  ].join('\n')
  expect(exportsOf(text).map(({ name, isPart }) => (isPart ? `${name}, part` : name))).toEqual(
    ['Size, part', 'read', 'Inside', 'c', 'D', 'load'], // what stands in a body is no part
  )
  expect(takenBy('tests/repository/x.ts', text)).toEqual([
    'tests/repository/tree.ts A',
    'tests/repository/circles.ts b',
    'tests/repository/circles.ts D',
    'tests/repository/tree.ts e',
    'tests/repository/exports.ts *',
  ])
})

test('every export is taken by another file', () => {
  const unused = leftOver.filter(({ file, id }) => !byAll.has(id) && !byAll.has(`${file} *`))
  expect(unused.filter((each) => !isFoundOtherwise(each)).map(({ id }) => id)).toEqual([])
})

test('the product exports no values for tests alone', () => {
  const ours = leftOver.filter(({ file, isType }) => !isType && folderOf(file) !== 'tests')
  const forTests = ours.filter((each) => !isFoundOtherwise(each) && !each.file.startsWith(TEST_SERVERS))
  expect(forTests.map(({ id }) => id).sort()).toEqual(Object.keys(FOR_TESTS).sort()) // a reason no longer needed goes, too
})

test('every exception is there', () => {
  for (const [pattern] of FOUND_OTHERWISE)
    expect(exported.map(({ id }) => id)).toContainEqual(expect.stringMatching(pattern))
})
