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
   * Creates the object unless the key is taken, atomically (If-None-Match: *).
   * 'exists' may also mean that an earlier try of this very call got through: whoever cares reads the object.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>
  /** Keys that start with `prefix` and sort after `after` (exclusive), in byte order of their UTF-8 form. */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<string>
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>
}
