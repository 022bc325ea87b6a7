// What the project depends on: exact versions, each package declared.
import { isBuiltin } from 'node:module'
import { expect, test } from 'vitest'
import { imports, isOurs, packageJson } from './tree.ts'

test('versions are exact', () => {
  const ranges = ['dependencies', 'devDependencies', 'overrides'].flatMap((section) =>
    Object.entries(packageJson[section] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  )
  expect(ranges).toEqual([])
})

test('every package that is imported is declared', () => {
  const declared = { ...packageJson.dependencies, ...packageJson.devDependencies }
  const names = imports
    .filter((one) => !isOurs(one) && !isBuiltin(one.from))
    .map(({ from }) =>
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  expect([...new Set(names)].filter((name) => !(name in declared))).toEqual([])
})
