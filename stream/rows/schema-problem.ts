// Why a schema cannot be read, or a record cannot be read with it.

/** A schema that sluice cannot use, in words: "expected X, found Y". */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem'
}

/** Bytes that are not what their schema says. */
export class BytesProblem extends Error {
  override readonly name = 'BytesProblem'
}
