// The header of a NumPy file, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

/** Of a float32 array in C order, little-endian; the values follow it. */
export function npyHeader(shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`
  const start = 10
  const length = Math.ceil((start + description.length + 1) / 64) * 64 - start // so that the values are aligned
  const header = Buffer.alloc(start + length, ' ', 'latin1')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(length, 8)
  header.write(description, start, 'latin1')
  header.write('\n', start + length - 1, 'latin1')
  return header
}
