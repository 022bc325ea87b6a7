// The paths that no pipeline can be served under: the page names them all.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isReserved, RESERVED_PATHS } from '../../schemas/served-paths.ts'

test('the reference names every reserved path', () => {
  const row = readFileSync('docs/reference/pipeline.md', 'utf8').match(/^\| `serve` \|.*$/m)![0]
  const named = [...row.slice(row.indexOf('not ')).matchAll(/`(\/\w+)`/g)].map(([, path]) => path)
  expect(named).toEqual(RESERVED_PATHS)
})

test('paths below a reserved one are reserved', () => {
  expect(['/models', '/models/a', '/v2', '/v2/models/a/infer'].map(isReserved)).toEqual([true, true, true, true])
  expect(['/', '/modelsmith', '/v20', '/a/models'].map(isReserved)).toEqual([false, false, false, false])
})
