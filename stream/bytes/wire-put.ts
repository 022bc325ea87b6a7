// A number or some bytes that a wire read found → the next row of a column, without a value in between.
import { isUtf8 } from 'node:buffer'
import {
  CLOCKS,
  type Clock,
  fits,
  millisecondsOf,
  type Rule,
  TIMESTAMP,
  takes,
  takesBytes,
  takesText,
} from '../../core/rule.ts'
import {
  type BytesBuilder,
  type BytesStore,
  type CodeStore,
  closeRow,
  type DictionaryBuilder,
  type ListBuilder,
  type ListStore,
  type NumberBuilder,
  type NumberStore,
  pushCode,
  pushFirst,
  pushInt64,
  reserveBytes,
  reserveList,
} from '../rows/build.ts'
import { type ByteCache, byteCache } from './byte-cache.ts'
import { held, readSigned, readVarint } from './wire-read.ts'

/** Where a column's rows go and what it takes; all targets have the same shape, so that they are read alike. */
export interface Target {
  readonly rule: Rule
  /** the rule's, one step nearer */
  readonly min: number
  readonly max: number
  readonly integers: boolean
  readonly numbers: NumberStore
  readonly bytes: BytesStore
  readonly codes: CodeStore
  readonly list: ListStore
  readonly dictionary: DictionaryBuilder | null
  /** texts of kept rows → codes */
  readonly known: ByteCache | null
}

type Place = Omit<Target, 'rule' | 'min' | 'max' | 'integers'>

const NOWHERE: Place = {
  numbers: { values: new Float64Array(0), rows: 0 },
  bytes: { offsets: new Int32Array(0), bytes: Buffer.from(new ArrayBuffer(0)), rows: 0 },
  codes: { codes: new Int32Array(0), rows: 0 },
  list: { values: new Uint8Array(0), rows: 0, width: 0 },
  dictionary: null,
  known: null,
}

function targetOf(rule: Rule, place: Partial<Place>): Target {
  const { min, max, integers } = rule
  return { rule, min, max, integers, ...NOWHERE, ...place }
}

export const numberTarget = (rule: Rule, { store }: NumberBuilder): Target => targetOf(rule, { numbers: store })

export const bytesTarget = (rule: Rule, { store }: BytesBuilder): Target => targetOf(rule, { bytes: store })

export const listTarget = (rule: Rule, { store }: ListBuilder): Target => targetOf(rule, { list: store })

export const dictionaryTarget = (rule: Rule, dictionary: DictionaryBuilder): Target =>
  targetOf(rule, { codes: dictionary.store, dictionary, known: byteCache() })

/** false: not taken, and nothing was written that counts. Numbers are in `held`. */
export function putNumber({ numbers, min, max, integers }: Target): boolean {
  if (!fits(held[0]!, min, max, integers)) return false
  pushFirst(numbers, held)
  return true
}

/** A number that does not come from the record. */
export function putConstant(target: Target, value: number): boolean {
  held[0] = value
  return putNumber(target)
}

/** A time, as milliseconds. */
function putMilliseconds({ numbers, min, max, integers }: Target): boolean {
  if (!fits(held[0]!, min, max, integers)) return false
  pushInt64(numbers, held)
  return true
}

/** An integer of the column's unit. */
export function putTime(target: Target): boolean {
  return putInstant(target, target.rule.clock)
}

/** A time that knows what it counts. */
export function putInstant(target: Target, clock: Clock): boolean {
  held[0] = millisecondsOf(held[0]!, clock)
  return putMilliseconds(target)
}

const SECONDS_TAG = 8
const NANOS_TAG = 16

/** A google.protobuf.Timestamp of held[0] bytes that end at `end`, not before 1970. */
export function putTimestamp(target: Target, bytes: Buffer, end: number): boolean {
  let ms = 0
  let last = 0
  for (let at = end - held[0]!; at < end; ) {
    const tag = bytes[at]!
    if (tag <= last) return false
    last = tag
    at = tag === SECONDS_TAG ? readVarint(bytes, at + 1, end) : tag === NANOS_TAG ? readSigned(bytes, at + 1, end) : -1
    if (at < 0 || held[0]! > (tag === SECONDS_TAG ? TIMESTAMP.maxSeconds : TIMESTAMP.maxNanos)) return false
    ms += millisecondsOf(held[0]!, tag === SECONDS_TAG ? CLOCKS.s : CLOCKS.ns)
  }
  held[0] = ms
  return putMilliseconds(target)
}

/** Texts up to this are copied byte by byte: views and native copies cost more. */
const SHORT_BYTES = 48

/** UTF-8 of held[0] bytes that end at `end`. */
export function putText({ bytes: store, min, max, integers }: Target, bytes: Buffer, end: number): boolean {
  const length = held[0]!
  if (!fits(length, min, max, integers)) return false
  const start = end - length
  const to = reserveBytes(store, length)
  if (length > SHORT_BYTES) {
    const text = bytes.subarray(start, end)
    if (!isUtf8(text)) return false
    store.bytes.set(text, to)
  } else if (copyText(bytes, start, end, store.bytes, to) > 127 && !isUtf8(bytes.subarray(start, end))) return false
  closeRow(store, to + length)
  return true
}

/** All bytes of the text, or-ed. */
function copyText(source: Buffer, start: number, end: number, target: Buffer, to: number): number {
  let all = 0
  for (let i = start; i < end; i++) {
    const byte = source[i]!
    all |= byte
    target[to + i - start] = byte
  }
  return all
}

const HALF_DIGITS = 1e8
const MAX_DIGITS = 17
const ZERO = 48
const MINUS = 45

/** The safe integer in decimal. */
export function putIntegerText({ bytes: store, rule }: Target): boolean {
  const x = held[0]!
  const size = Math.abs(x)
  const high = Math.floor(size / HALF_DIGITS)
  const to = reserveBytes(store, MAX_DIGITS)
  let at = to
  if (x < 0) store.bytes[at++] = MINUS
  if (high > 0) {
    at = putDigits(store.bytes, at, high, digitsOf(high))
    at = putDigits(store.bytes, at, size - high * HALF_DIGITS, 8)
  } else at = putDigits(store.bytes, at, size, digitsOf(size))
  if (!takes(rule, at - to)) return false
  closeRow(store, at)
  return true
}

function digitsOf(integer: number): number {
  let digits = 1
  for (let power = 10; integer >= power; power *= 10) digits++
  return digits
}

/** `digits` digits of an integer below 2^31, with leading zeros; the position behind them. */
function putDigits(bytes: Buffer, at: number, integer: number, digits: number): number {
  let rest = integer | 0
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0
    bytes[i] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

/** A category of held[0] bytes that end at `end`. */
export function putCategory(target: Target, bytes: Buffer, end: number): boolean {
  const start = end - held[0]!
  const code = target.known!.find(bytes, start, end)
  if (code < 0) return learnCategory(target, bytes, start, end)
  pushCode(target.codes, code)
  return true
}

function learnCategory({ dictionary, rule, known }: Target, bytes: Buffer, start: number, end: number): boolean {
  const value = bytes.subarray(start, end)
  if (!isUtf8(value)) return false
  const text = value.toString('utf8')
  const code = dictionary!.codeOf(text)
  // a row that is refused must leave no trace: only what a kept row brought is known
  if (code >= 0) known!.add(bytes, start, end, code)
  else if (!takesText(rule, text)) return false
  dictionary!.push(text)
  return true
}

/** Names of an enum by its numbers, and what code they have in the column's dictionary once it is known. */
export interface Symbols {
  readonly names: readonly (string | undefined)[]
  readonly codes: Int32Array
}

export function putSymbol({ dictionary, rule, codes: store }: Target, { names, codes }: Symbols): boolean {
  const index = held[0]!
  if (!(index >= 0 && index < names.length)) return false
  if (codes[index]! >= 0) {
    pushCode(store, codes[index]!)
    return true
  }
  const name = names[index]
  if (name === undefined || !takesText(rule, name)) return false
  codes[index] = dictionary!.codeOf(name)
  dictionary!.push(name)
  return true
}

/** A list of held[0] bytes that end at `end`. */
export function putByteList({ list, rule }: Target, bytes: Buffer, end: number): boolean {
  const { width } = list
  if (held[0] !== width) return false
  const start = end - width
  const to = reserveList(list)
  const { values } = list
  if (takesBytes(rule)) values.set(bytes.subarray(start, end), to)
  else
    for (let i = 0; i < width; i++) {
      const x = bytes[start + i]!
      if (!takes(rule, x)) return false
      values[to + i] = x
    }
  list.rows++
  return true
}
