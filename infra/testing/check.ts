// `npm run check`: format, lint, types and the repository's own rules; names what failed at the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { ROOT_DIR } from '../places.ts'

const CHECKS = [
  { name: 'format and lint (biome)', program: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'types (tsc)', program: 'tsc', args: ['-p', '.'] },
  {
    name: 'imports, exports, sizes (tests/repository)',
    program: 'vitest',
    args: ['run', '--project', 'unit', 'tests/repository'],
  },
] as const

const failed: string[] = []
for (const { name, program, args } of CHECKS) {
  const startedMs = Date.now()
  const child = spawn(path.join(ROOT_DIR, 'node_modules', '.bin', program), args, { cwd: ROOT_DIR, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${name}, ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
  if (code !== 0) failed.push(name)
}
if (failed.length > 0) {
  console.log(`check failed: ${failed.join('; ')}. Most formatting is repaired by: npx biome check --write .`)
  process.exitCode = 1
}
