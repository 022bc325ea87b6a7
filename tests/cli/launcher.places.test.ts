// How printed commands begin, by where the person and the program are.
import { expect, test } from 'vitest'
import { launcherFor, withLauncher } from '../../cli/launcher.ts'

const CLONE = '/code/sluice'
const INSTALLED = '/code/shop/node_modules/sluice'

test.each([
  ['a clone', CLONE, CLONE, './sluice'],
  ['a sub-folder of a clone', CLONE, `${CLONE}/pipelines/digits`, '../../sluice'],
  ['a project', INSTALLED, '/code/shop', 'npx sluice'],
  ['a sub-folder of a project', INSTALLED, '/code/shop/pipelines/a', 'npx sluice'],
  ['a project that links a clone', CLONE, '/code/shop', 'npx sluice'],
  ['outside of a clone', CLONE, '/data', '/code/sluice/sluice'],
  ['outside of a clone with a blank', '/my code/sluice', '/data', "'/my code/sluice/sluice'"],
  ['outside of a project', '/usr/lib/node_modules/sluice', '/data', 'sluice'],
])('in %s', (_where, root, cwd, launcher) => {
  const exists = (file: string) => file === '/code/shop/node_modules/.bin/sluice'
  expect(launcherFor({ root, cwd, exists })).toBe(launcher)
})

test('commands alone are rewritten', () => {
  expect(withLauncher('sluice is; next: `sluice down`, then `sluice up --only s3`, `sluice`; `temporal x`')).toBe(
    'sluice is; next: `./sluice down`, then `./sluice up --only s3`, `./sluice`; `temporal x`',
  )
})
