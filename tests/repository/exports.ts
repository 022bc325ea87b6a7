// What a file exports and what it takes of others, read from their text: TypeScript's native compiler has no interface to ask.
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { root } from './tree.ts'

export interface Export {
  readonly name: string
  readonly isType: boolean
  /** a type that another export of the file is written with: who calls that must be able to name it */
  readonly isPart: boolean
}

const DECLARED = /^export (?:async )?(?:function\*?|const|class|(interface|type)) (\w+)/
const LISTED = /^export (type )?\{([^}]*)\}/

/** All but the default, by which programs find what they look for. `text`: as the formatter leaves it. */
export function exportsOf(text: string): Export[] {
  const declarations = text.split(/^(?=[a-z/])/m)
  const found = declarations.flatMap((declaration) => {
    const [, type, name] = DECLARED.exec(declaration) ?? []
    if (name !== undefined) return [{ name, isType: type !== undefined, outside: outsideOf(declaration) }]
    const [, types, list] = LISTED.exec(declaration) ?? []
    return namesIn(list ?? '').map(({ here }) => ({ name: here, isType: types !== undefined, outside: '' }))
  })
  return found.map(({ name, isType }) => {
    const mentions = new RegExp(`\\b${name}\\b`)
    return { name, isType, isPart: isType && found.some((one) => one.name !== name && mentions.test(one.outside)) }
  })
}

/** Of a function what callers see, of others all. */
function outsideOf(declaration: string): string {
  const signature = /^export (?:async )?function[\s\S]*?^(?=[e)}]).*\).* \{$/m.exec(declaration)
  return (signature ?? /^export const[^=]*=[\s\S]*?=>/.exec(declaration))?.[0] ?? declaration
}

const TAKEN = /\b(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s+'([^']+)'/g
const WHOLE = /\b(?:import|export)\s+(?:type\s+)?\*[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g

/** "path name" of every export that `file` takes, "path *" of what it takes whole. Imports in texts, which are bundled, count too. */
export function takenBy(file: string, text: string): string[] {
  const named = [...text.matchAll(TAKEN)].flatMap(([, list, from]) =>
    namesIn(list!).map(({ there }) => ({ from: from!, name: there })),
  )
  const whole = [...text.matchAll(WHOLE)].map(([, from, called]) => ({ from: (from ?? called)!, name: '*' }))
  return [...named, ...whole].flatMap(({ from, name }) => pathsOf(file, from).map((path) => `${path} ${name}`))
}

/** `a, type b as c` → what each is called there and here */
function namesIn(list: string): { there: string; here: string }[] {
  const names = list.split(',').map((each) => each.replaceAll(/\/\/.*|\btype /g, '').trim())
  return names.filter(Boolean).map((each) => {
    const [there, here = there] = each.split(/\s+as\s+/)
    return { there: there!, here: here! }
  })
}

/** Relative to the file, or in a text from the root; there without its ending, since the published package holds JavaScript. */
function pathsOf(file: string, from: string): string[] {
  if (from === 'sluice') return ['index.ts']
  if (!from.startsWith('.')) return []
  const paths = [join(dirname(file), from), from].flatMap((path) => [normalize(path), `${normalize(path)}.ts`])
  return paths.filter((path) => path.endsWith('.ts') && existsSync(join(root, path))).slice(0, 1)
}
