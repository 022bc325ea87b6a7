// JSON as sluice takes it: no key twice, bounded depth, integers never rounded.

/** Levels of objects and lists in each other. */
const MAX_DEPTH = 64

/** null, or why text that JSON.parse accepts is not taken: a key that stands twice in an object, or more than MAX_DEPTH levels. */
export function refusalOf(text: string, parsed: object): string | null {
  const keys = countKeys(parsed, 1)
  if (keys < 0) return `expected at most ${MAX_DEPTH} levels of objects and lists, found more`
  // JSON.parse keeps the last of equal keys, so the text has more keys than the value
  return keys === countKeysInText(text) ? null : 'expected every key once in its object, found one twice'
}

/** Keys of all objects in the value; −1: deeper than MAX_DEPTH. */
function countKeys(value: object, depth: number): number {
  if (depth > MAX_DEPTH) return -1
  const isList = Array.isArray(value)
  const elements: readonly unknown[] = isList ? value : Object.values(value)
  let keys = isList ? 0 : elements.length
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]
    if (typeof element !== 'object' || element === null) continue
    const inner = countKeys(element, depth + 1)
    if (inner < 0) return -1
    keys += inner
  }
  return keys
}

/** Strings that a colon follows. From quote to quote, so that long lists of numbers cost next to nothing. Needs valid JSON. */
function countKeysInText(text: string): number {
  let keys = 0
  for (let open = text.indexOf('"'); open >= 0; ) {
    const close = endOfString(text, open)
    let after = close + 1
    while (isSpace(text.charCodeAt(after))) after++
    if (text.charCodeAt(after) === COLON) keys++
    open = text.indexOf('"', after)
  }
  return keys
}

const COLON = 58
const BACKSLASH = 92

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Index of the quote that closes the string: one before which stands an even number of backslashes. */
function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); ; close = text.indexOf('"', close + 1)) {
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return close
  }
}

/** Whether JSON.parse may have rounded the integer that stands in the text. */
export function mayBeRounded(value: unknown): boolean {
  return typeof value === 'number' && !(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER)
}

/** More digits than any 64-bit float has before its point: such a number is not finite. */
const MAX_DIGITS = 400

/** Parses valid JSON with integers beyond ±(2^53 − 1) as bigint, exactly as they stand in the text; elements of lists are floats as ever. */
export function parseExactly(text: string): object {
  function revive(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
    const source = context?.source
    return mayBeRounded(value) &&
      !Array.isArray(this) &&
      source !== undefined &&
      source.length <= MAX_DIGITS &&
      /^-?\d+$/.test(source)
      ? BigInt(source)
      : value
  }
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as object
}
