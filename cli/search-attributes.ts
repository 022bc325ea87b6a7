// How a namespace gets the search attributes that workflows set; it must have them before the first run.
import { SEARCH_ATTRIBUTES } from '../schemas/search-attributes.ts'

type Name = keyof typeof SEARCH_ATTRIBUTES

export const ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as readonly Name[]

/** For servers of one's own: the command of Temporal's CLI. */
export function creationAdvice(namespace: string, names: readonly Name[]): string {
  const words = names.map((name) => `--name ${name} --type ${SEARCH_ATTRIBUTES[name]}`)
  return `\`temporal operator search-attribute create --namespace ${namespace} ${words.join(' ')}\`; for servers of \`sluice up\`: \`sluice down\`, then \`sluice up\``
}
