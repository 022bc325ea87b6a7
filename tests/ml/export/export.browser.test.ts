// The page of the export guide in a real Chromium: the inputs of the model to the bit, the answers of sluice.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../../infra/testing/chromium.ts'
import { listen } from '../../setup/listen.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, largestDifference, ON_A_GPU, rounding } from '../tolerance.ts'
import { type PageCase, pageCases } from './page-cases.ts'

const ROOT = join(import.meta.dirname, '../../..')
const pageIn = (text: string) => /```html\n([\s\S]*?)```/.exec(text)?.[1]
const PAGE = pageIn(readFileSync(join(ROOT, 'docs/guides/export.md'), 'utf8'))!
const TFJS = readFileSync(join(ROOT, 'node_modules/@tensorflow/tfjs/dist/tf.min.js'))
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', json: 'application/json' }
/** The language of shaders for webgl leaves open how exact functions are; here they are drawn in software. */
const BACKENDS = [
  { backend: 'cpu', tolerance: rounding(CHAIN.network) },
  { backend: 'webgl', tolerance: 2 * ON_A_GPU },
] as const

const executablePath = await findChromium(process.env)
const here = executablePath !== undefined && (await openTensorflow()) !== null
if (executablePath === undefined)
  console.warn('SKIPPED: no Chromium; `npm test` looks for one and says why it has none')

let cases: PageCase[]
let server: Server
let address: string
let browser: Browser
/** one for each case, in their order */
let pages: Page[]

beforeAll(async () => {
  if (!here) return
  cases = await pageCases()
  server = createServer(({ url = '' }, response) => {
    const [, name, file = ''] = url.split('/')
    const files = cases.find((each) => each.name === name)?.files
    const content = { ...files, 'index.html': PAGE, 'tf.min.js': TFJS }[file]
    const type = TYPES[file.split('.').at(-1)!] ?? 'application/octet-stream'
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content)
  })
  address = await listen(server)
  const software = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', ...software]
  browser = await chromium.launch({ executablePath: executablePath!, args })
  pages = await Promise.all(cases.map(open))
}, 60_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
})

/** The guide's page beside the case's files, ready to answer. */
async function open({ name }: PageCase): Promise<Page> {
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(`http://${address}/${name}/index.html`)
  await page.waitForFunction('window.predict !== undefined').catch(() => expect(errors).toEqual([]))
  return page
}

/** As text, since a page knows nothing of this module. */
async function ask<T>(page: Page, expression: string): Promise<T> {
  return JSON.parse(await page.evaluate(`(async () => JSON.stringify(${expression}))()`)) as T
}

describe.skipIf(!here)('a page', () => {
  it('stands in the guide and in the export', () => {
    for (const { files } of cases) expect(pageIn(new TextDecoder().decode(files['README.md']))).toBe(PAGE)
  })

  it('makes the same inputs', async () => {
    const makeInputs = `async (rows) => {
      const { compileTransform, parseRow } = await import('./transform.js')
      const [transform, columns] = await Promise.all(['transform.json', 'columns.json'].map(async (name) => (await fetch(name)).json()))
      const compiled = compileTransform(transform)
      return rows.map((row) => [...compiled.applyRow(parseRow(columns, transform, row))])
    }`
    for (const [at, { name, rows, inputs }] of cases.entries()) {
      expect(await ask(pages[at]!, `await (${makeInputs})(${JSON.stringify(rows)})`), name).toEqual(inputs)
    }
  })

  it.for(BACKENDS)(
    'answers on $backend as sluice does',
    { timeout: 60_000 },
    async ({ backend, tolerance }, { skip }) => {
      for (const [at, { name, rows, outputs }] of cases.entries()) {
        const page = pages[at]!
        skip(!(await ask<boolean>(page, `await tf.setBackend('${backend}')`)), `this browser has no ${backend}`)
        const found = await ask<number[][]>(page, `await predict(${JSON.stringify(rows)})`)
        expect(await ask(page, 'tf.getBackend()')).toBe(backend)
        expect(found.map(({ length }) => length)).toEqual(outputs.map(({ length }) => length))
        expect(largestDifference(found.flat(), outputs.flat()), name).toBeLessThan(tolerance)
      }
    },
  )

  it('leaves no tensor behind', async () => {
    const [page, rows] = [pages[0]!, JSON.stringify(cases[0]!.rows)]
    await ask(page, `await predict(${rows})`)
    const before = await ask(page, 'tf.memory().numTensors')
    await ask(page, `await predict(${rows})`)
    expect(await ask(page, 'tf.memory().numTensors')).toBe(before)
  })
})
