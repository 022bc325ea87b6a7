// What the fingerprint of a stage's code was taken of, so that two fingerprints can be told apart by their files.

/** Stored as canonical JSON beside the record of a stage. */
export interface CodeParts {
  readonly kind: 'code'
  /** by path from the sources' root: the start of the sha256 of each file without comments and formatting */
  readonly modules: Readonly<Record<string, string>>
  /** "name@version" of the packages that it imports, with all that they depend on */
  readonly packages: readonly string[]
}
