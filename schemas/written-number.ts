// A number in decimal digits of which a float tells too little: the two together.

/** What columns that take floats read as `value`, and all others refuse, with `text` as what was found. */
export class WrittenNumber {
  readonly text: string
  /** the nearest 64-bit float: infinite beyond them, an integer where the fraction is lost */
  readonly value: number

  constructor(text: string, value = Number(text)) {
    this.text = text
    this.value = value
  }

  /** JSON.stringify, too, shows what was found */
  toJSON(): unknown {
    return rawNumber(this.text)
  }
}

/** What JSON.stringify writes as these digits, which need be no float's. TypeScript's library does not know it yet: ECMAScript 2026, JSON.rawJSON. */
export function rawNumber(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
}
