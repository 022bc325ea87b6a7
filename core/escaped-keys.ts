// JSON whose keys hold escapes, read by hand: V8's JSON.parse takes such a key for another one that it saw before, when their bytes
// begin alike. JSON.parse('{"a":{},"\\\\":1}') makes JSON.parse('{"a":{},"\\u0062":2}') give { a: {}, '\\': 2 }.
// https://github.com/nodejs/node/issues/63785

const QUOTE = 34
const COMMA = 44
const LIST = 91
const BACKSLASH = 92
const OBJECT = 123

const SPACE = /[ \t\n\r]*/y
const SCALAR = /[^,\]} \t\n\r]+/y

/** Index of the quote that closes the string: one before which stands an even number of backslashes. */
export function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); ; close = text.indexOf('"', close + 1)) {
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return close
  }
}

/** The value of text that is valid JSON; of equal keys the last. undefined: deeper than `maxDepth` levels of objects and lists. */
export function parseByHand(text: string, maxDepth: number): unknown {
  let at = 0
  let isDeep = false
  const space = () => {
    SPACE.lastIndex = at
    SPACE.test(text)
    at = SPACE.lastIndex
  }
  const string = (): string => {
    const end = endOfString(text, at) + 1
    const value = JSON.parse(text.slice(at, end)) as string
    at = end
    return value
  }
  const scalar = (): unknown => {
    if (text.charCodeAt(at) === QUOTE) return string()
    SCALAR.lastIndex = at
    const [source] = SCALAR.exec(text)!
    at += source.length
    return JSON.parse(source)
  }
  /** Past an opening bracket; `element` reads one element, up to the comma or closing bracket behind it. */
  const elements = (element: () => void): void => {
    at++
    space()
    const first = text.charCodeAt(at)
    if (first === 93 || first === 125) {
      at++
      return
    }
    do {
      space()
      element()
      space()
    } while (!isDeep && text.charCodeAt(at++) === COMMA)
  }
  const value = (depth: number): unknown => {
    const code = text.charCodeAt(at)
    if (code !== OBJECT && code !== LIST) return scalar()
    if (depth > maxDepth) {
      isDeep = true
      return undefined
    }
    if (code === LIST) {
      const list: unknown[] = []
      elements(() => list.push(value(depth + 1)))
      return list
    }
    const object: Record<string, unknown> = {}
    elements(() => {
      const key = string()
      space()
      at++ // the colon
      space()
      // as JSON.parse does: a key of its own, even where an assignment would set the prototype
      Object.defineProperty(object, key, {
        value: value(depth + 1),
        writable: true,
        enumerable: true,
        configurable: true,
      })
    })
    return object
  }
  space()
  const found = value(1)
  return isDeep ? undefined : found
}
