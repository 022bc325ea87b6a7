// What a trainer writes a model version with: content-addressed objects in the store.
import { putJson, putObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { ObjectWriter } from '../../ml/model/package.ts'

export function writerTo(store: Store): ObjectWriter {
  return {
    putObject: (object) => putObject(store, object),
    putJson: (object) => putJson(store, object),
  }
}
