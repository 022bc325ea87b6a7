// Shapes: how many values they hold, whether two are one, and how they read.

/** Values of a tensor of the shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i])
}

/** e.g. "0/kernel 784×256, 0/bias 256"; equal for weights of equal names and shapes in the same order. */
export function namesAndShapes(
  weights: readonly { readonly name: string; readonly shape: readonly number[] }[],
): string {
  return weights.map(({ name, shape }) => `${name} ${shape.join('×')}`).join(', ')
}
