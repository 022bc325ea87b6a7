// sluice init: a small project of one's own, with a pipeline that runs at once.
import path from 'node:path'
import { type Command, Option } from 'commander'
import { makeProject, requireNew, TEMPLATES, type Template } from '../init/make-project.ts'
import { ownVersion } from '../init/own-version.ts'
import { type Context, examples, type Shell } from '../shell.ts'

interface Options {
  readonly template: Template
  readonly sluice?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice init my-project', 'sluice init my-project --template text'))
    .addOption(new Option('--template <name>', 'what its pipeline is about').choices(TEMPLATES).default(TEMPLATES[0]))
    .option('--sluice <spec>', 'what its package.json says of sluice; default: the sluice that makes it')
    .action(shell.action<[string], Options>(init))
}

async function init({ output }: Context, [name]: [string], { template, sluice }: Options): Promise<void> {
  const folder = path.resolve(name)
  await requireNew(folder)
  const spec = sluice ?? (await ownVersion(folder))
  const made = await makeProject({ folder, template, sluice: spec })
  output.line(`project ${made.name} in ${folder}: pipeline ${made.pipeline}, from the template ${template}`)
  if (spec.startsWith('file:vendor/'))
    output.line(
      `its package of sluice is ${spec.slice('file:'.length)}, since no registry has one: keep it with the project`,
    )
  output.line('\nnext:')
  output.line(`  cd ${name}`)
  output.line('  npm install')
  output.line('  npm test            # types, and the pipeline on its sample')
  output.line('  npx sluice demo     # from events to a model that answers')
  output.result({ ...made, folder, template, sluice: spec })
}
