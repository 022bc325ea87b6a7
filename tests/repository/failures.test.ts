// The failure catalogue and its page.
import { expect, test } from 'vitest'
import { FAILURES, type FailureCode } from '../../schemas/failures.ts'
import { product, read } from './tree.ts'

const codes = (Object.keys(FAILURES) as FailureCode[]).sort()

/** docs/reference/failures.md, made from the catalogue. After a change: npx vitest run --project unit tests/repository/failures.test.ts -u */
function failuresPage(): string {
  const quote = (text: string) => text.replace(/\{(\w+)\}/g, '*$1*')
  const sections = codes.map((name) => {
    const { retry, message, next } = FAILURES[name]
    const fate = retry === 'retry' ? 'Temporal tries again by itself.' : 'No retry cures it.'
    return `## ${name}\n\n${quote(message)}\n\n${fate} What to do: ${quote(next)}.\n`
  })
  const intro = [
    '<!-- made from schemas/failures/catalogue.ts by tests/repository/failures.test.ts: change the catalogue, not this page -->',
    '# Failure codes',
    '',
    'Every error of sluice has a code, which is also the `type` of the failure in the Temporal UI. Words in *italics* are facts: fields of the error, filled into its text.',
    '',
  ]
  return `${intro.join('\n')}\n${sections.join('\n')}`
}

test('the page of failure codes is the catalogue', async () => {
  await expect(failuresPage()).toMatchFileSnapshot('../../docs/reference/failures.md')
})

test('every failure code is used', () => {
  const sources = product
    .filter((file) => file !== 'schemas/failures/catalogue.ts')
    .map(read)
    .join('\n')
  expect(codes.filter((name) => !sources.includes(`'${name}'`))).toEqual([])
})

test('every failure says what to do', () => {
  for (const name of codes) {
    const { message, next } = FAILURES[name]
    expect(message, name).toMatch(/\S/)
    expect(next.length, name).toBeGreaterThan(4)
    expect(next, name).not.toMatch(/\.$/)
  }
})
