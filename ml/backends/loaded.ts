// What loading a backend gives: tfjs with that backend active, and what is known about the library and the device.
import type { BackendInfo, BackendName, MachineKind } from '../../schemas/model.ts'
import type { Tf } from '../tf.ts'

/** cpu: leave a GPU alone; gpu: nothing else will do; any: what is there. */
export type DeviceWish = 'any' | 'cpu' | 'gpu'

export interface Loaded extends Omit<BackendInfo, 'name' | 'why'> {
  readonly tf: Tf
  readonly machine: MachineKind
}

/** Loads and activates one backend; a text instead says why it cannot be used. May throw what the library throws. */
export type Loader = (wish: DeviceWish) => Promise<Loaded | string>

/** → undefined, or in words why the backend is not active. */
export async function activate(tf: Tf, name: BackendName): Promise<string | undefined> {
  tf.enableProdMode() // no advertisement for tfjs-node on the console
  if (!(await tf.setBackend(name))) return `${name} did not start`
  await tf.ready()
  return undefined
}
