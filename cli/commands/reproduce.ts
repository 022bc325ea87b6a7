// sluice reproduce: makes a model again from the offsets that it came from, and compares every stage byte by byte.
import type { Command } from 'commander'
import { findRun, newestRun, readRuns } from '../../lake/runs/find-run.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { reproduce, type StepResult } from '../../stages/reproduce/reproduce.ts'
import { stageCode } from '../../workers/code/stage-code.ts'
import { openDataClients } from '../../workers/data-clients.ts'
import { requireEndpoints, withStore } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { folded } from '../explain/lines.ts'
import { formatMs } from '../output/output.ts'
import { createProgress } from '../output/progress.ts'
import { type Context, examples, type Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice reproduce digits',
        'sluice reproduce digits 4f0c2a91',
        'sluice reproduce digits --without-kafka',
      ),
    )
    .option('--without-kafka', 'take the segments as they are, instead of reading the topic again')
    .action(
      shell.action<[string, string?], { withoutKafka?: boolean }>((context, [name, model], { withoutKafka = false }) =>
        makeAgain(context, { name, model, withoutKafka }),
      ),
    )
}

interface Wanted {
  readonly name: string
  /** default: the champion, or the newest */
  readonly model: string | undefined
  readonly withoutKafka: boolean
}

async function makeAgain({ config, output }: Context, { name, model, withoutKafka }: Wanted): Promise<number> {
  const plan = await loadPipeline(config.projectDir, name)
  const endpoints = requireEndpoints(config)
  const clients = openDataClients({ config, endpoints })
  const { broker, personalKey, registry = null } = clients
  const begin = performance.now()
  const progress = createProgress(output.stream)
  try {
    return await withStore(config, async (store) => {
      const runs = await readRuns(store, name)
      const chosen = model ?? (runs.champion === null ? undefined : 'champion')
      const run = chosen === undefined ? newestRun(runs) : findRun(runs, chosen)
      const digest = run.train?.output.digest ?? null
      output.line(`${name}, run ${run.number}, model ${digest === null ? 'none' : shortDigest(digest)}, made again`)
      const { code, codeParts } = await stageCode()
      const known = (stage: keyof typeof code) => ({ fingerprint: code[stage], parts: codeParts[stage] })
      const steps: StepResult[] = []
      const work = reproduce(store, {
        plan,
        runs,
        run,
        kafka: withoutKafka ? null : { broker, registry, personalKey },
        code: { clean: known('clean'), train: known('train'), evaluate: known('evaluate') },
        config,
        gpuFallback: config.gpuFallback,
        forceEager: config.eager,
        onProgress: (label, value, total) => progress.update({ label, value, total }),
      })
      for await (const step of work) {
        steps.push(step)
        for (const line of describeStep(step)) progress.line(line)
      }
      const different = steps.find(({ same }) => !same)?.stage ?? null
      const ms = performance.now() - begin
      output.line(
        different === null
          ? `\nthe same, byte by byte, in ${formatMs(ms)}`
          : `\nthe first difference is in ${different}`,
      )
      output.result({ pipeline: name, run: run.number, model: digest, same: different === null, different, steps })
      return different === null ? EXIT.ok : EXIT.failed
    })
  } finally {
    progress.close()
    await broker.close()
  }
}

function describeStep({ stage, same, expected, found, words }: StepResult): string[] {
  const lead = `  ${stage.padEnd(8)}  ${same ? 'same' : 'differs'}`.padEnd(21)
  const digests = same ? shortDigest(expected) : `${shortDigest(expected)} → ${shortDigest(found)}`
  return [digests, ...words].flatMap((each, i) => folded(i === 0 ? lead : ' '.repeat(lead.length), each))
}
