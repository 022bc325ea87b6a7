// Where a command's words go: text for people, or one JSON document for programs.
import { isFailure } from '../../schemas/failures.ts'
import { withLauncher } from '../launcher.ts'
import { oneLine, printable } from './printable.ts'

export interface Output {
  /** true: stdout belongs to the one JSON document, text goes to stderr */
  readonly json: boolean
  /** A line for people. */
  line(text?: string): void
  table(rows: readonly Readonly<Record<string, string>>[]): void
  /** The command's answer; printed in JSON mode only, and once. */
  result(value: unknown): void
  error(error: unknown): void
  /** what progress is drawn on */
  readonly stream: NodeJS.WriteStream
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

export function createOutput(json: boolean, { stdout, stderr }: Streams): Output {
  const stream = json ? stderr : stdout
  let answered = false
  const result = (value: unknown) => {
    if (!json || answered) return
    answered = true
    stdout.write(`${oneDocument(value)}\n`)
  }
  return {
    json,
    stream,
    line: (text = '') => void stream.write(`${printable(withLauncher(text))}\n`),
    table: (rows) => void stream.write(withLauncher(formatTable(rows))),
    result,
    error(error) {
      stderr.write(`${printable(describeError(error))}\n`)
      result({ error: errorData(error) })
    },
  }
}

/** JSON in one line, integers in all their digits. */
export const oneDocument = (value: unknown): string => JSON.stringify(value, exactly)

/** In Node since 21, in no type declaration yet. */
const RAW = JSON as JSON & { rawJSON(text: string): object }

/** An integer beyond 2^53 in all its digits: --row may hold some. */
function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? RAW.rawJSON(String(value)) : value
}

/** Expected, found, next: what a person needs. An error that is not of the catalogue says where it arose, for a report. */
export function describeError(error: unknown): string {
  if (isFailure(error)) return `${error.code}: ${error.message}\nnext: ${withLauncher(error.next)}`
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const places = placesIn(stack)
  const where = places.length === 0 ? '' : `\n  in ${places.join(' < ')}`
  return `UNEXPECTED: ${name}: ${message}${where}\nnext: nobody foresaw this: report it with the command that led to it`
}

const SOURCES = new URL('../../', import.meta.url).href
const SHOWN_PLACES = 4

/** "cli/program.ts:48" of the innermost calls of this program. */
function placesIn(stack: string): string[] {
  const calls = stack.split('\n').flatMap((line) => /([^\s()]+:\d+):\d+\)?$/.exec(line)?.[1] ?? [])
  return calls
    .filter((call) => call.startsWith(SOURCES) && !call.includes('node_modules'))
    .slice(0, SHOWN_PLACES)
    .map((call) => call.slice(SOURCES.length))
}

function errorData(error: unknown): unknown {
  if (isFailure(error)) {
    const { code, message, next, facts } = error
    return { code, message, next: withLauncher(next), facts }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'UNEXPECTED', message }
}

/** Columns padded to their widest cell; numbers are the caller's to format. No rows: nothing. */
function formatTable(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => names.map((name) => oneLine(row[name] ?? '')))
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  if (names.length === 0) return ''
  return `${[line(names), ...cells.map(line)].join('\n')}\n`
}

/** "12.3 s", "950 ms": three digits are enough for a person. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** 24000 → "24,000" */
export const formatCount = (count: number): string => count.toLocaleString('en-US')
