// The workflow bundle: made once per version of the workflow code and kept in the cache.
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { writeWholeFile } from '../core/whole-file.ts'
import { fingerprintCode, SOURCE_DIR } from './code/fingerprint.ts'

/** .ts here, .js in the published package. */
const EXTENSION = path.extname(fileURLToPath(import.meta.url))
const WORKFLOWS = path.join(SOURCE_DIR, 'workflows', `index${EXTENSION}`)
const CONVERTER = path.join(SOURCE_DIR, 'workflows', `payload-converter${EXTENSION}`)

const ENTRIES = `
export * from './workflows/index'
export * from './workflows/payload-converter'`

/** Path of the bundle. A worker with a bundle starts at once; making one takes about three seconds. */
export async function workflowBundle(cacheDir: string): Promise<string> {
  const code = await fingerprintCode({ source: ENTRIES })
  const file = path.join(cacheDir, 'workflow-bundles', `${code}.js`)
  if (existsSync(file)) return file
  const bundle = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: CONVERTER,
    logger: new DefaultLogger('WARN'),
  })
  mkdirSync(path.dirname(file), { recursive: true })
  await writeWholeFile(file, bundle.code) // two workers that start at once write the same bytes
  return file
}
