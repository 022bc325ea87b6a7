// Folders of the project that infra/ and the tests share.
import path from 'node:path'

/** The project's folder. */
export const ROOT_DIR = path.resolve(import.meta.dirname, '..')

/** State of the servers that the tests share; apart from `.sluice`, where a person's own servers live. */
export const TEST_STATE_DIR = path.join(ROOT_DIR, '.sluice', 'test')
