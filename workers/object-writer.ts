// What a trainer writes a model version with: content-addressed objects in the store.
import { putJson, putObject } from '../lake/objects.ts'
import type { Store } from '../lake/store.ts'
import type { ObjectWriter } from '../ml/package.ts'

export function writerTo(store: Store): ObjectWriter {
  return {
    putObject: (object) => putObject(store, object),
    putJson: (object) => putJson(store, object),
  }
}
