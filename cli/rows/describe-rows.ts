// Traced rows for people: a table that fits 80 columns.
import { shortened } from '../../schemas/shown.ts'
import type { FailedRule, TracedRow } from '../../schemas/traced-row.ts'
import { oneLine } from '../output/printable.ts'

const WIDTH = 80
const GAP = 2
/** characters of an id, of which hashes have 64, and of a rule's name */
const MAX_ID = 12
const MAX_RULE = 22
/** Room that the last column has at least. */
const MIN_WHY = 24

/** Where a record stood, what became of it, and why. What says the same of every row is left out. */
export function rowTable(rows: readonly TracedRow[]): Record<string, string>[] {
  const cells = rows.map((row) => ({
    where: `${row.partition}/${row.offset}`,
    id: shortened(oneLine(row.id ?? ''), MAX_ID),
    fate: row.fate as string,
    rule: oneLine(row.rule ?? ''),
    why: oneLine(reasonOf(row)),
  }))
  const told = (['where', 'id', 'fate', 'rule'] as const).filter((name) => {
    const values = new Set(cells.map((each) => each[name]))
    return name === 'fate' ? values.size > 1 : values.size > 1 || !values.has('')
  })
  const widest = (name: (typeof told)[number]): number =>
    Math.max(name.length, ...cells.map((each) => each[name].length))
  const place = told.filter((name) => name !== 'rule').reduce((sum, name) => sum + widest(name) + GAP, 0)
  const rule = told.includes('rule') ? Math.min(widest('rule'), MAX_RULE, WIDTH - place - GAP - MIN_WHY) : -GAP
  const why = WIDTH - place - rule - GAP
  return cells.map((each) => ({
    ...Object.fromEntries(told.map((name) => [name, name === 'rule' ? shortened(each.rule, rule) : each[name]])),
    why: shortened(each.why, why),
  }))
}

/** "softness 8, expected between 0 and 1" */
export function reasonOf({ rule, failed, first, split, fate }: TracedRow): string {
  if (first !== null) return `${first.partition}/${first.offset} of this id stays`
  if (fate === 'undecoded') return failed.map(({ found }) => found).join('; ')
  const [decided, others] = [failed.filter((each) => each.rule === rule), failed.filter((each) => each.rule !== rule)]
  const warned = others.map((each) => `${each.rule}: ${inWords(each)}`)
  return [...(split === null ? [] : [`in ${split}`]), ...decided.map(inWords), ...warned].join('; ')
}

const inWords = ({ column, expected, found }: FailedRule): string => `${column} ${found}, expected ${expected}`
