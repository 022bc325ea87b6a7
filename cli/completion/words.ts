// What can be typed: read off the commands themselves, so that a script of today knows all of today's options.
import type { Command, Option } from 'commander'

/** What stands in an argument's or an option's place; null: a word that nobody can guess. */
export type Kind = 'pipeline' | 'file' | 'nothing' | null

export interface OptionWords {
  /** e.g. "--json" */
  readonly flag: string
  readonly description: string
  /** 'nothing': it takes no value */
  readonly takes: Kind
}

export interface VerbWords {
  readonly name: string
  readonly description: string
  readonly takes: Kind
  /** fixed words that may follow, as "replay" */
  readonly follow: readonly string[]
  readonly options: readonly OptionWords[]
}

/** Words that stand as an argument and that the commands check themselves. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  completion: ['bash', 'zsh', 'fish'],
  setup: ['native'],
}

/** `program`: with every verb defined. In its order. */
export function wordsOf(program: Command): VerbWords[] {
  return program.commands.map((verb) => ({
    name: verb.name(),
    description: verb.description(),
    takes: kindOf(verb.registeredArguments.map((argument) => argument.name()).join(' ')),
    follow: [...(FIXED[verb.name()] ?? []), ...verb.commands.map((inner) => inner.name())],
    options: [...verb.options.filter(({ hidden }) => !hidden).map(optionWords), HELP],
  }))
}

const HELP: OptionWords = { flag: '--help', description: 'how it is used', takes: 'nothing' }

function optionWords({ flags, long, short, description, required, optional }: Option): OptionWords {
  const value = /[<[](.*)[>\]]/.exec(flags)?.[1] ?? ''
  return { flag: long ?? short ?? '', description, takes: required || optional ? kindOf(value) : 'nothing' }
}

function kindOf(name: string): Kind {
  if (name === '') return 'nothing'
  if (/pipeline/.test(name)) return 'pipeline'
  return /file|path|folder/.test(name) ? 'file' : null
}
