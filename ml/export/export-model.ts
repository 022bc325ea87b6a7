// A model version in a format of others: made, run once on the golden rows, and only then given out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { failure } from '../../schemas/failures.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import { nativeBackend } from '../backends/native.ts'
import { DATA_TYPES, savedModel } from '../graph/graph-def.ts'
import { valuesOf } from '../operations/values-of.ts'
import type { Tf } from '../tf.ts'
import { type FrozenGraph, freezePredictor, INPUT, OUTPUT } from './frozen-graph.ts'
import { artifactsOf, encodeGraphModel, WEIGHTS_FILE } from './graph-model.ts'
import { openPredictor } from './predictor.ts'

/** saved-model: TensorFlow in Python, TF Serving, converters. tfjs: tf.loadGraphModel in browsers. */
export const EXPORT_FORMATS = ['saved-model', 'tfjs'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportedModel {
  /** file name → content */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** rows of a call; null: any number */
  readonly rows: number | null
  /** largest difference to the golden answers */
  readonly difference: number
}

/**
 * `weights`: what packModel wrote. Needs the `tensorflow` backend. Throws DEVICE_MISSING on another one, GRAPH_UNTRACEABLE for a model
 * that is no graph, EXPORT_DIFFERS when the exported model does not repeat the golden answers within their tolerance.
 */
export async function exportModel(
  tf: Tf,
  options: {
    weights: Uint8Array
    golden: GoldenRows
    format: ExportFormat
    /** see openPredictor */
    projectDir?: string
  },
): Promise<ExportedModel> {
  const { weights, golden, format, projectDir } = options
  const predictor = await openPredictor(tf, weights, projectDir)
  const graph = freezePredictor(tf, predictor)
  predictor.dispose()
  const version = nativeBackend(tf).binding.TF_Version
  const { files, call, close } =
    format === 'saved-model' ? openSavedModel(tf, graph, version) : await openGraphModel(tf, graph, version)
  try {
    return { files, rows: graph.rows, difference: largestDifference(tf, { graph, golden, call }) }
  } finally {
    close()
  }
}

interface Opened {
  readonly files: Readonly<Record<string, Uint8Array>>
  call(x: Tensor2D): Tensor
  close(): void
}

/**
 * A frozen graph as TensorFlow's saved_model.pb: one file, no variables. Signature `serving_default`: `inputs` float32 [rows, inputs] → `outputs` float32 [rows, outputs].
 * `libraryVersion`: of the TensorFlow whose operations the graph holds, e.g. "2.21.0".
 */
function encodeSavedModel({ nodes, rows, inputs, outputs }: FrozenGraph, libraryVersion: string): Uint8Array {
  const tensor = (name: string, size: number) => ({
    tensor: `${name}:0`,
    dataType: DATA_TYPES.float32,
    shape: [rows ?? -1, size],
  })
  const signature = { inputs: { [INPUT]: tensor(INPUT, inputs) }, outputs: { [OUTPUT]: tensor(OUTPUT, outputs) } }
  return savedModel(nodes, libraryVersion, { serving_default: signature })
}

function openSavedModel(tf: Tf, graph: FrozenGraph, version: string): Opened {
  const bytes = encodeSavedModel(graph, version)
  const backend = nativeBackend(tf)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'))
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes)
    const session = backend.binding.loadSavedModel(folder, 'serve')
    return {
      files: { 'saved_model.pb': bytes },
      call: (x) => {
        const ids = backend.getInputTensorIds([x])
        const [output] = backend.binding.runSavedModel(session, ids, `${INPUT}:0`, `${OUTPUT}:0`)
        return backend.createOutputTensor(output!)
      },
      close: () => backend.binding.deleteSavedModel(session),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openGraphModel(tf: Tf, graph: FrozenGraph, version: string): Promise<Opened> {
  const { model, weights } = encodeGraphModel(graph, version)
  const loaded = await tf.loadGraphModel(tf.io.fromMemory(artifactsOf({ model, weights })))
  return {
    files: { 'model.json': new TextEncoder().encode(JSON.stringify(model)), [WEIGHTS_FILE]: weights },
    call: (x) => loaded.predict(x) as Tensor,
    close: () => loaded.dispose(),
  }
}

/** Throws EXPORT_DIFFERS beyond the golden rows' tolerance. */
function largestDifference(
  tf: Tf,
  { graph, golden, call }: { graph: FrozenGraph; golden: GoldenRows; call: Opened['call'] },
): number {
  const step = graph.rows ?? Math.max(golden.inputs.length, 1)
  let largest = 0
  for (let start = 0; start < golden.inputs.length; start += step) {
    const inputs = golden.inputs.slice(start, start + step)
    const found = valuesOf(tf, () => call(tf.tensor2d(inputs.flat(), [inputs.length, graph.inputs])))
    const expected = golden.outputs.slice(start, start + step).flat()
    const differences = expected.map((value, i) => Math.abs(value - found[i]!))
    const at = differences.findIndex((each) => !(each <= golden.tolerance)) // so that NaN refuses
    if (at !== -1 || found.length !== expected.length) {
      throw failure('EXPORT_DIFFERS', {
        row: start,
        expected: expected[at] ?? expected.length,
        found: found[at] ?? found.length,
      })
    }
    largest = Math.max(largest, ...differences)
  }
  return largest
}
