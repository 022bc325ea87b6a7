// The weights of a model that a training begins with instead of first ones from the seed.
import { readJson, readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { unpackTensors } from '../../ml/model/tensor-file.ts'
import type { Network } from '../../ml/network.ts'
import { namesAndShapes } from '../../ml/operations/shape.ts'
import type { HostModel } from '../../ml/training/engine/engine.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { ModelCard } from '../../schemas/model.ts'

/** Every byte verified by its digest. Throws START_UNFIT unless names and shapes are those of the network. */
export async function startWeights(
  store: Store,
  { digest, key }: { readonly digest: string; readonly key: string },
  network: Network,
): Promise<HostModel> {
  const card = await readJson<ModelCard>(store, { key, sha256: digest })
  const { tensors } = unpackTensors(await readObject(store, card.weights), card.weights.key)
  const [expected, found] = [namesAndShapes([...network.weights, ...network.averages]), namesAndShapes(tensors)]
  if (expected !== found) throw failure('START_UNFIT', { model: shortDigest(digest), expected, found })
  const count = network.weights.length
  return { weights: tensors.slice(0, count), averages: tensors.slice(count) }
}
