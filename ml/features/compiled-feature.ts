// What a fitted feature is as code, whatever it encodes.
import type { Value } from '../../core/values.ts'
import type { Column } from '../../schemas/columns.ts'

/** Where one feature's values of a batch go: those of row r to out[at + r × stride] and the `width` places from there. */
export interface Target {
  readonly rows: number
  readonly out: Float32Array
  readonly at: number
  readonly stride: number
}

/** One feature, compiled: both ways in share the function that computes the numbers. */
export interface CompiledFeature {
  readonly column: string
  readonly width: number
  /** A loop of its own for each kind of feature: a call for each value would take five times as long. */
  fromColumn(column: Column, target: Target): void
  fromValue(value: Value, out: Float32Array, at: number): void
}
