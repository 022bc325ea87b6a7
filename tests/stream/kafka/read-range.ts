// A range in one go over a link: all of it without maxBytes, else its first piece.
import type { RangeRead } from '../../../stream/broker.ts'
import { type RangeToRead, readPieces } from '../../../stream/kafka/fetch.ts'
import { firstPiece } from '../../../stream/kafka/gaps.ts'
import type { RecordSink } from '../../../stream/record.ts'

export function readRange({ sink, ...rest }: RangeToRead & { readonly sink: RecordSink }): Promise<RangeRead> {
  return firstPiece(rest.range, readPieces({ ...rest, openSink: () => sink }))
}
