// Typed search attributes: the names and types of schemas/search-attributes.ts as Temporal wants them.
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common'
import type { SEARCH_ATTRIBUTES } from '../schemas/search-attributes.ts'

type Name = keyof typeof SEARCH_ATTRIBUTES
type ValueOf<N extends Name> = (typeof SEARCH_ATTRIBUTES)[N] extends 'Bool' ? boolean : string

/** One attribute with its value, for upsertSearchAttributes and the start of a workflow. */
export function attribute<N extends Name>(name: N, value: ValueOf<N>): SearchAttributePair {
  return typeof value === 'boolean'
    ? { key: defineSearchAttributeKey(name, SearchAttributeType.BOOL), value }
    : { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value: value as string }
}
