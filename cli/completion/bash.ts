// The completion script for bash.
import { FIND_PIPELINES } from './find-pipelines.ts'
import type { VerbWords } from './words.ts'

export function bashScript(verbs: readonly VerbWords[]): string {
  const names = verbs.map(({ name }) => name).join(' ')
  return `# completion of sluice for bash; made by: sluice completion bash
${FIND_PIPELINES}
_sluice() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb='' words='' options='' takes='' each
  COMPREPLY=()
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $each in -*) ;; *) verb=$each; break ;; esac
  done
  case "$verb $before" in
${verbs.flatMap(valueCases).join('\n')}
    *) case $verb in
      '') words='${names} help'; options='--help --version' ;;
      help) words='${names}' ;;
${verbs.map(verbCase).join('\n')}
      esac ;;
  esac
  case $takes in
    pipeline) words="$words $(_sluice_pipelines)" ;;
    file) compopt -o default 2>/dev/null ;;
  esac
  case $word in -*) words=$options ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _sluice sluice ./sluice
`
}

/** After an option with a value. */
function valueCases({ name, options }: VerbWords): string[] {
  return options
    .filter(({ takes }) => takes !== 'nothing')
    .map(({ flag, takes }) => `    '${name} ${flag}') takes=${takes ?? 'word'} ;;`)
}

function verbCase({ name, takes, follow, options }: VerbWords): string {
  const flags = options.map(({ flag }) => flag).join(' ')
  return `      ${name}) words='${follow.join(' ')}'; options='${flags}'; takes=${takes ?? 'word'} ;;`
}
