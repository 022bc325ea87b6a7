// Words of others on a terminal: shown, never obeyed.

/** Line breaks and tabs lay out our own texts; the rest of the controls, and marks that turn the order of reading, are somebody's. */
const OBEYED = /[[\p{Cc}\u202a-\u202e\u2066-\u2069]--[\n\t]]/gv

/**
 * A reason, an id or a name can hold what a terminal acts upon: it would colour or wipe the screen, or put a line over ours.
 * Such characters become their escapes, as "\u001b".
 */
export const printable = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(OBEYED, (mark) => `\\u${mark.codePointAt(0)!.toString(16).padStart(4, '0')}`)

/** The same for a cell or the middle of a sentence, which a line break would end. */
export const oneLine = (text: string): string => printable(text.replace(/\s*[\r\n]+\s*/g, ' ').replaceAll('\t', ' '))
