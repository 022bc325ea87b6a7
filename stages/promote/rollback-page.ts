// The Markdown that an operator reads at night: what is live, what was live before, what to send.
import { showNumber } from '../../judge/gates.ts'
import { readLedger } from '../../lake/ledger.ts'
import type { Store } from '../../lake/store/store.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { showTime } from '../../schemas/point-in-time.ts'
import { ROLLBACK_UPDATE, type RollbackTarget } from '../../schemas/rollback.ts'
import { shortened } from '../../schemas/shown.ts'
import { evidenceOf } from './roll-back.ts'
import { liveOrder, refused, type Tenure, tenuresOf } from './rollback-target.ts'

export interface RollbackPage {
  /** digest of the live model */
  readonly live: string
  /** Markdown */
  readonly text: string
}

/** Models that are listed: the newest ones. */
const MAX_LISTED = 10
const MAX_REASON = 120

/** Throws ROLLBACK_REFUSED where nothing is live. */
export async function describeRollbacks(store: Store, pipeline: string): Promise<RollbackPage> {
  const { entries } = await readLedger(store, pipeline)
  const tenures = tenuresOf(entries)
  const order = liveOrder(entries)
  const live = tenures.find(({ model }) => model === order.at(-1))
  if (live === undefined) throw refused(pipeline, `${pipeline} has no model in service: there is nothing to roll back`)
  const others = tenures.filter((tenure) => tenure !== live).toReversed()
  const listed = await Promise.all(
    others.slice(0, MAX_LISTED).map(async (tenure) => {
      const evidence = await evidenceOf(store, tenure.approved.evaluation)
      return `- \`${shortDigest(tenure.model)}\` (entry ${tenure.approved.version}), ${described(tenure, evidence)}${order.includes(tenure.model) ? '' : '; **it was rolled back**'}`
    }),
  )
  const hidden = others.length - listed.length
  const more = hidden === 0 ? [] : [`- and ${hidden} earlier ones: \`sluice models ${pipeline}\``]
  const now = `**Live is \`${shortDigest(live.model)}\`**, since ${showTime(Date.parse(live.last.at))}, ${how(live)}`
  const text = [
    `### ${pipeline}: roll back`,
    now,
    '#### Were live before',
    listed.length === 0 ? 'None: this is the first model in service.' : [...listed, ...more].join('\n'),
    ...(listed.length === 0 ? [] : [toDecide(order.at(-2) ?? others[0]!.model)]),
  ]
  return { live: live.model, text: text.join('\n\n') }
}

function described(tenure: Tenure, evidence: RollbackTarget['evidence']): string {
  const { by, at } = tenure.approved
  return `approved by ${plain(by)}, ${showTime(Date.parse(at))}: ${evidenceWords(evidence)}`
}

/** "PASS on 98 test rows, accuracy 0.98, loss 0.1" */
function evidenceWords(evidence: RollbackTarget['evidence']): string {
  if (evidence === null) return 'its evaluation is not in the store any more'
  const metrics = Object.entries(evidence.metrics).map(([name, value]) => `${name} ${showNumber(value)}`)
  return [`${evidence.verdict} on ${evidence.rows.toLocaleString('en-US')} test rows`, ...metrics].join(', ')
}

function how({ last: { kind, by, reason } }: Tenure): string {
  const words = kind === 'promoted' ? 'approved' : 'rolled back to'
  return `${words} by ${plain(by)}${reason === '' ? '' : ` (${plain(shortened(reason, MAX_REASON))})`}`
}

function toDecide(target: string): string {
  const input = { to: shortDigest(target), reason: 'what is wrong with the live one', by: 'your name' }
  return [
    '#### To decide',
    '',
    `**More Actions → Send an Update → \`${ROLLBACK_UPDATE}\`**, with this as data:`,
    '',
    '```json',
    JSON.stringify(input, null, 2),
    '```',
    '',
    'The model is loaded and asked its golden rows first; servers take it up within a second.',
  ].join('\n')
}

/** Text of users: no Markdown of theirs. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&').replace(/\s+/g, ' ')
}
