// How the C library of a worker process manages memory: set where the process starts, taken back where it starts others.

type Environment = Readonly<Record<string, string | undefined>>

/**
 * glibc keeps freed buffers of some megabytes for itself, in one pool per thread: a worker that holds 300 MB looked like 600.
 * One pool, and large buffers straight from and to the kernel. Read once, at a process's start; other C libraries ignore them.
 * infra/with-node.sh sets the same.
 */
const ALLOCATOR_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

/**
 * V8's young generation grows to 48 MB where the default lets it, and stays so: a worker's columns live outside its heap, so that
 * little is gained by it. Not for the training process, which starts without these flags. infra/with-node.sh sets the same.
 */
export const WORKER_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=4']

/** Names, separated by spaces, of the variables that sluice set for a worker, and not the user. */
const MARK = 'SLUICE_ALLOCATOR'

/** Variables to start a worker with beside `env`: what the user set stays. */
export function allocatorVariables(env: Environment): Record<string, string> {
  const added = Object.entries(ALLOCATOR_SETTINGS).filter(([name]) => env[name] === undefined)
  if (added.length === 0) return {}
  const before = env[MARK]?.split(' ') ?? []
  return { ...Object.fromEntries(added), [MARK]: [...before, ...added.map(([name]) => name)].join(' ') }
}

/** `env` as it was before sluice started this worker: what frees memory soonest is not what computes fastest. */
export function withoutAllocator(env: Environment): Record<string, string | undefined> {
  const set = new Set([...(env[MARK]?.split(' ') ?? []), MARK])
  return Object.fromEntries(Object.entries(env).filter(([name]) => !set.has(name)))
}
