// The demo's server: the champion answers, and a curl line shows how to ask it.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../core/config.ts'
import { makeFolder } from '../../core/make-folder.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { GoldenRows, ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Prediction } from '../../serving/prediction.ts'
import { type Serving, type StartServing, startServing } from '../../serving/server.ts'

/** Easy to remember, and free on most machines; else any free one. */
const PORT = 8484

export interface Answer {
  readonly model: string
  readonly prediction: Prediction
}

export async function serveChampion(
  config: Config,
  options: { readonly store: Store; readonly plan: Plan; readonly onEvent: StartServing['onEvent'] },
): Promise<Serving> {
  const { store, plan, onEvent } = options
  const serve = (port: number) =>
    startServing({
      store,
      plans: [plan],
      port,
      backend: config.backend,
      forceEager: config.eager,
      ...(onEvent && { onEvent }),
    })
  return serve(PORT).catch((error: unknown) => {
    if (isFailure(error, 'PORT_TAKEN')) return serve(0)
    throw error
  })
}

/** Writes a row that the model was checked with beside the servers' state; → the file, for curl. */
export async function writeSampleRow(config: Config, store: Store, model: string): Promise<string> {
  const card = await readJson<ModelCard>(store, { key: objectKey('models', model, 'json'), sha256: model })
  const { rows } = await readJson<GoldenRows>(store, card.golden)
  const file = path.join(config.stateDir, `${card.pipeline}-row.json`)
  await makeFolder(config.stateDir)
  await writeFile(file, JSON.stringify(rows[0]))
  return file
}

/** Asks over HTTP, as any client would. */
export async function ask(url: string, body: string): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = (await response.json()) as { model: string; predictions: readonly Prediction[]; message?: string }
  if (!response.ok) {
    const found = `${response.status}: ${answer.message ?? ''}`
    throw failure('MODEL_INVALID', { model: url, expected: 'an answer to a row that it was checked with', found })
  }
  return { model: answer.model, prediction: answer.predictions[0]! }
}

export const curlLine = (url: string, file: string): string =>
  `curl -s -H 'content-type: application/json' --data @${path.relative(process.cwd(), file) || file} ${url}`
