// The completion script for zsh.
import { FIND_PIPELINES } from './find-pipelines.ts'
import type { OptionWords, VerbWords } from './words.ts'

export function zshScript(verbs: readonly VerbWords[]): string {
  return `#compdef sluice
# completion of sluice for zsh; made by: sluice completion zsh
${FIND_PIPELINES}
_sluice() {
  setopt local_options null_glob
  local verb='' takes='' each
  local -a verbs options follow
  verbs=(${verbs.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ')})
  for each in \${words[2,CURRENT-1]}; do
    case $each in -*) ;; *) verb=$each; break ;; esac
  done
  case "$verb \${words[CURRENT-1]}" in
${verbs.flatMap(valueCases).join('\n')}
    *) case $verb in
      ''|help) _describe command verbs; return ;;
${verbs.map(verbCase).join('\n')}
      esac ;;
  esac
  case $takes in
    pipeline) compadd -- \${(f)"$(_sluice_pipelines)"} ;;
    file) _files ;;
  esac
  (( \${#follow} )) && compadd -- $follow
  case \${words[CURRENT]} in -*) _describe option options ;; esac
}
if [ "\${funcstack[1]}" = _sluice ]; then _sluice "$@"; else compdef _sluice sluice ./sluice; fi
`
}

function valueCases({ name, options }: VerbWords): string[] {
  return options
    .filter(({ takes }) => takes !== 'nothing')
    .map(({ flag, takes }) => `    '${name} ${flag}') takes=${takes ?? 'word'} ;;`)
}

function verbCase({ name, takes, follow, options }: VerbWords): string {
  const told = options.map(({ flag, description }: OptionWords) => quoted(`${flag}:${description}`)).join(' ')
  return `      ${name}) takes=${takes ?? 'word'}; follow=(${follow.join(' ')}); options=(${told}) ;;`
}

/** A word for the shell in which the first colon ends the name. */
function quoted(text: string): string {
  const [name, ...rest] = text.split(':')
  return `'${[name, rest.join('\\:')].join(':').replaceAll("'", "'\\''")}'`
}
