// The completion script for fish.
import type { Kind, VerbWords } from './words.ts'

export function fishScript(verbs: readonly VerbWords[]): string {
  return `# completion of sluice for fish; made by: sluice completion fish
function __sluice_pipelines
  set -l project .
  set -q SLUICE_PROJECT; and set project $SLUICE_PROJECT
  for file in $project/pipelines/*/pipeline.{ts,js}
    basename (dirname $file)
  end
end
complete -c sluice -f
complete -c sluice -n __fish_use_subcommand -a help -d 'how to use a command'
${verbs.flatMap(verbLines).join('\n')}
`
}

function verbLines({ name, description, takes, follow, options }: VerbWords): string[] {
  const after = `complete -c sluice -n '__fish_seen_subcommand_from ${name}'`
  return [
    `complete -c sluice -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...(follow.length === 0 ? [] : [`${after} -a '${follow.join(' ')}'`]),
    ...valuesOf(takes).map((values) => `${after} ${values}`),
    ...options.map((option) => {
      const value = option.takes === 'nothing' ? '' : ` -r ${valuesOf(option.takes).join(' ')}`
      return `${after} -l ${option.flag.slice(2)}${value} -d ${quoted(option.description)}`.replace(/ +/g, ' ')
    }),
  ]
}

function valuesOf(kind: Kind): string[] {
  if (kind === 'pipeline') return ["-a '(__sluice_pipelines)'"]
  return kind === 'file' ? ['-F'] : []
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
