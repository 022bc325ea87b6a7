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
  toJSON(): string {
    return this.text
  }
}
