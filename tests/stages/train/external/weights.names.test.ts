// The contract with trainers of one's own names every weight that a program may have to write.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { networkOf } from '../../../../ml/networks/open.ts'
import { architectureFor, NETWORKS } from '../../../ml/networks/network-cases.ts'

it.each(NETWORKS)('the weights of %s are documented', async (_, spec) => {
  const contract = await readFile(join(import.meta.dirname, '../../../../docs/reference/trainer-contract.md'), 'utf8')
  const row = contract.split('\n').find((line) => line.startsWith(`| \`${spec.kind}\` |`))
  const all = contract.slice(contract.indexOf('### Tensor files')) // norms are described where they first occur
  const { weights, averages } = networkOf(architectureFor(spec))
  const names = new Set([...weights, ...averages].map(({ name }) => name.replace(/\d+/, '0')))
  expect(row).toBeDefined()
  expect([...names].filter((name) => !all.includes(`\`${name}\``))).toEqual([])
})
