// sluice completion: the script by which a shell completes sluice's commands.
import type { Command } from 'commander'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { type VerbWords, wordsOf } from '../completion/words.ts'
import { zshScript } from '../completion/zsh.ts'
import { examples, type Shell, usageError } from '../shell.ts'

const SCRIPTS: Readonly<Record<string, (verbs: readonly VerbWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice completion bash > ~/.local/share/bash-completion/completions/sluice',
        'sluice completion zsh > ~/.zfunc/_sluice # with fpath+=~/.zfunc before compinit',
        'sluice completion fish > ~/.config/fish/completions/sluice.fish',
      ),
    )
    .action(
      shell.action<[string], object>(async ({ output }, [name]) => {
        const write = SCRIPTS[name]
        if (write === undefined) throw usageError(`no script for ${name}: expected ${Object.keys(SCRIPTS).join(', ')}`)
        const script = write(wordsOf(command.parent!))
        if (!output.json) output.stream.write(script)
        output.result({ shell: name, script })
      }),
    )
}
