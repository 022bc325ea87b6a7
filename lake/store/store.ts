// The store's port: immutable objects under keys, created once.

/**
 * Keys are ASCII paths without a leading slash; no key is another key plus "/…".
 * Every method throws STORE_UNAVAILABLE for what may pass by itself and STORE_REFUSED for what does not.
 * A failed `putIfAbsent` is ambiguous: the object may be there all the same.
 */
export interface Store {
  /** The whole object, or undefined when there is none. The caller owns the bytes. */
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * Creates the object unless the key is taken, atomically (If-None-Match: *), whatever its size.
   * 'exists' may also mean that an earlier try of this very call got through: whoever cares reads the object.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>
  /** Keys that start with `prefix` and sort after `after` (exclusive), in byte order of their UTF-8 form. */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<string>
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>
}

/** One object as a listing tells of it. */
export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** when it was created, milliseconds since the epoch by the server's clock */
  readonly modifiedMs: number
}

/** A store that also tells size and age: what collection needs, and nothing else. */
export interface ListingStore extends Store {
  /** As `list`, with size and age. */
  objects(prefix: string): AsyncIterable<StoredObject>
}
