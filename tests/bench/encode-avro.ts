// The benchmarks' records as Avro, written by the specification: events, images and vectors.

/** What benchEvents writes as JSON. */
export interface BenchEvent {
  readonly id: string
  readonly ts: number
  readonly category: string
  readonly label: number | null
  readonly [number: `f${number}`]: number | null
}

/** Zigzag, 7 bits a byte; below 2^53. */
function long(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

function counted(value: Buffer): Buffer {
  return Buffer.concat([long(value.length), value])
}

const text = (value: string): Buffer => counted(Buffer.from(value))

function double(value: number | null): Buffer {
  const bytes = Buffer.alloc(value === null ? 1 : 9)
  if (value !== null) {
    bytes[0] = 2 // the second branch
    bytes.writeDoubleLE(value, 1)
  }
  return bytes
}

/** By EVENT_AVRO. */
export function avroEvent(event: BenchEvent): Buffer {
  const numbers = [event.f0, event.f1, event.f2, event.f3, event.f4, event.f5].map((value) => double(value ?? null))
  const label = event.label === null ? Buffer.from([0]) : Buffer.concat([Buffer.from([2]), long(event.label)])
  return Buffer.concat([text(event.id), long(event.ts), ...numbers, text(event.category), label])
}

/** A record of a string, bytes and a string. */
export function avroImage(id: string, pixels: readonly number[], digit: string): Buffer {
  return Buffer.concat([text(id), counted(Buffer.from(pixels)), text(digit)])
}

/** A record of a string and an array of floats. */
export function avroVector(id: string, vector: readonly number[]): Buffer {
  const floats = Buffer.from(Float32Array.from(vector).buffer)
  return Buffer.concat([text(id), long(vector.length), floats, Buffer.from([0])])
}
