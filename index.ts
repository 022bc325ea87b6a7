// The public words of a pipeline file: import { column, definePipeline, … } from 'sluice'.
export { column, drop, encode, fail, is, kafka, predict, quarantine, warn } from './pipelines/data-words.ts'
export { definePipeline, type PipelineDefinition } from './pipelines/define.ts'
export { type Duration, gate, split, when } from './pipelines/model-words.ts'
export { model } from './pipelines/network-words.ts'
export { optimizer } from './pipelines/train-words.ts'
export type { Plan } from './schemas/plan.ts'
