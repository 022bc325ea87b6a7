// Long work made visible: one bar on a terminal, plain lines elsewhere.
import cliProgress from 'cli-progress'
import { withLauncher } from '../launcher.ts'
import { cutMiddle, fitWords } from './fit-columns.ts'
import { formatCount } from './output.ts'
import { oneLine, printable } from './printable.ts'

export interface ProgressUpdate {
  /** what is going on, e.g. "train" */
  readonly label: string
  /** done so far; absent while it cannot be counted */
  readonly value?: number
  readonly total?: number
  readonly detail?: string
}

export interface Progress {
  update(update: ProgressUpdate): void
  /** A line that stays, above the bar. */
  line(text: string): void
  close(): void
}

/** columns of the bar: the words beside it, of which a training has about a hundred columns, come first */
const MIN_BAR = 8
const MAX_BAR = 24
const DETAIL_COLUMNS = 110
const LABEL_COLUMNS = 9
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80

/** Plain lines come at most this often for the same label. */
const PLAIN_EVERY_MS = 5_000

export function createProgress(stream: NodeJS.WriteStream, nowMs: () => number = Date.now): Progress {
  return stream.isTTY ? barProgress(stream) : plainProgress(stream, nowMs)
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  let bar: cliProgress.SingleBar | null = null
  const close = () => {
    bar?.stop()
    bar = null
  }
  const columns = (): number => stream.columns || USUAL_COLUMNS
  const barColumns = (): number => Math.max(MIN_BAR, Math.min(MAX_BAR, columns() - DETAIL_COLUMNS))
  const open = () => {
    const barsize = barColumns()
    const options = { stream, hideCursor: true, clearOnComplete: true, barsize, format: '{label} {bar} {detail}' }
    const opened = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
    opened.start(1, 0, { label: '', detail: '' })
    return opened
  }
  return {
    update({ label, value = 0, total = 1, detail = '' }) {
      bar ??= open()
      bar.setTotal(Math.max(total, 1))
      // two spaces, and the last column, in which some terminals break the line
      const room = columns() - LABEL_COLUMNS - barColumns() - 3
      const words = fitWords(oneLine(detail) || counted(value, total), room)
      bar.update(value, { label: cutMiddle(label, LABEL_COLUMNS).padEnd(LABEL_COLUMNS), detail: words })
    },
    line(text) {
      close()
      stream.write(`${printable(withLauncher(text))}\n`)
    },
    close,
  }
}

function plainProgress(stream: NodeJS.WriteStream, nowMs: () => number): Progress {
  let last = { label: '', text: '', atMs: Number.NEGATIVE_INFINITY }
  return {
    update({ label, value, total, detail }) {
      const text = detail ?? (value === undefined || total === undefined ? '' : counted(value, total))
      // a label alone says nothing that the line at its end will not say
      if (text === '') return
      const sameLabel = label === last.label
      if (sameLabel && (text === last.text || nowMs() - last.atMs < PLAIN_EVERY_MS)) return
      last = { label, text, atMs: nowMs() }
      stream.write(`  ${label}: ${oneLine(text)}\n`)
    },
    line: (text) => void stream.write(`${printable(withLauncher(text))}\n`),
    close() {},
  }
}

const counted = (value: number, total: number): string =>
  total > 1 ? `${formatCount(value)}/${formatCount(total)}` : ''
