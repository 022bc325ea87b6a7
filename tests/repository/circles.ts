// Circles in a graph of imports: its strongly connected components of more than one file (Tarjan 1972).

export interface Edge {
  readonly from: string
  readonly to: string
}

/** Groups of files from each of which every other can be reached; each sorted. */
export function circles(edges: readonly Edge[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to])
  const index = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const found: string[][] = []

  const visit = (file: string): void => {
    const number = index.size
    index.set(file, number)
    lowest.set(file, number)
    path.push(file)
    for (const to of targets.get(file) ?? []) {
      if (!index.has(to)) visit(to)
      if (path.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!))
    }
    if (lowest.get(file) !== number) return
    const members = path.splice(path.indexOf(file))
    if (members.length > 1) found.push(members.sort())
  }

  for (const file of targets.keys()) if (!index.has(file)) visit(file)
  return found
}
