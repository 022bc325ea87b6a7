// The words about columns: what arrives.
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import { eachNamed } from './named.ts'

/** What a column's word says of it; its name is the key that the word stands under. */
type Of<K extends ColumnKind> = Omit<Extract<ColumnSpec, { readonly kind: K }>, 'name' | 'header'>

interface IdColumn extends Of<'id'> {}
interface TimeColumn extends Of<'time'> {}
interface ClosedCategory<V extends string = string> extends Omit<Of<'category'>, 'values' | 'top'> {
  readonly values: readonly V[]
}
interface OpenCategory extends Omit<Of<'category'>, 'values'> {}
interface NumberColumn extends Of<'number'> {}
interface FlagColumn extends Of<'flag'> {}
interface NumbersColumn extends Of<'numbers'> {}
interface TextColumn extends Of<'text'>, Pick<ColumnSpec, 'header'> {}
type From = Pick<ColumnSpec, 'from'>

export type ColumnWord =
  | IdColumn
  | TimeColumn
  | ClosedCategory
  | OpenCategory
  | NumberColumn
  | FlagColumn
  | NumbersColumn
  | TextColumn

function category(options?: From & { readonly top?: never }): OpenCategory
function category<const V extends string>(values: readonly V[], options?: From): ClosedCategory<V>
function category(options: { readonly top: number } & From): OpenCategory & { readonly top: number }
function category(
  of: readonly string[] | ({ readonly top?: number } & From) = {},
  options: From = {},
): ClosedCategory | OpenCategory {
  return 'slice' in of ? { kind: 'category', values: of, ...options } : { kind: 'category', ...of }
}

/** Of every name the same: `columns: { id: column.id(), ...column.each(['width', 'height'], column.number({ min: 0 })) }`. */
function each<const N extends string, const W extends ColumnWord>(
  names: readonly N[],
  word: W,
): Readonly<Record<N, W>> {
  return eachNamed('column.each', names, word)
}

/** The fields of an event, by kind. */
export const column = {
  /** identifies the event: of equal ids the first to arrive stays: of the earlier snapshot, in it by the broker's time, then partition and offset */
  id: (options: Omit<IdColumn, 'kind'> = {}): IdColumn => ({ kind: 'id', ...options }),
  /** RFC 3339 text or an integer since the epoch, of milliseconds unless `unit` says otherwise */
  time: (options: Omit<TimeColumn, 'kind'> = {}): TimeColumn => ({ kind: 'time', ...options }),
  /** a closed list of values (others are rejected), or the `top` most frequent ones, or any text */
  category,
  number: (options: Omit<NumberColumn, 'kind'> = {}): NumberColumn => ({ kind: 'number', ...options }),
  flag: (options: From = {}): FlagColumn => ({ kind: 'flag', ...options }),
  /** a list of numbers of fixed length, such as the pixels of an image */
  numbers: (options: Omit<NumbersColumn, 'kind' | 'integers'> & { readonly integers?: boolean }): NumbersColumn => ({
    kind: 'numbers',
    integers: false,
    ...options,
  }),
  text: (options: Omit<TextColumn, 'kind' | 'header'>): TextColumn => ({ kind: 'text', ...options }),
  /** a Kafka header as text; of several with this name the last */
  header: (name: string, { maxBytes = 1024 }: { readonly maxBytes?: number } = {}): TextColumn => ({
    kind: 'text',
    maxBytes,
    header: name,
  }),
  each,
}
