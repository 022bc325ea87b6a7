// Fields of events → names of columns: letters and digits, each once.

/** Paths → names in the same order: the last step where it is enough, more steps where two would be the same. */
export function columnNames(paths: readonly (readonly string[])[]): string[] {
  const taken = new Set<string>()
  return paths.map((path) => {
    for (let steps = 1; steps <= path.length; steps++) {
      const name = nameOf(path.slice(-steps))
      if (taken.has(name)) continue
      taken.add(name)
      return name
    }
    for (let n = 2; ; n++) {
      const name = `${nameOf(path)}${n}`
      if (taken.has(name)) continue
      taken.add(name)
      return name
    }
  })
}

const LONGEST = 60

/** "Größe" → Grosse */
const latin = (text: string): string => text.replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '')

/** "alcohol content (%)" → alcoholContent, "customer.city" → customerCity, "user_id" stays. */
function nameOf(steps: readonly string[]): string {
  const [only, ...more] = steps
  if (more.length === 0 && /^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(only!) && !(only! in {})) return only!
  const words = steps.flatMap((step) => latin(step).split(/[^A-Za-z0-9]+/)).filter((word) => word !== '')
  const joined = words
    .map((word, i) => (i === 0 ? word[0]!.toLowerCase() : word[0]!.toUpperCase()) + word.slice(1))
    .join('')
  const name = (/^[A-Za-z]/.test(joined) ? joined : `column${joined}`).slice(0, LONGEST)
  return name in {} ? `${name}Column` : name
}
