// Temporal's test server, which skips time: days of waiting pass in milliseconds. For tests only.
import { access, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { putWholeFile } from '../../core/whole-file.ts'
import { ensureLibraries } from '../downloads/jars.ts'
import { ensureJava, type Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'

/** Path of a program that takes the port as its argument, as `TestWorkflowEnvironment.createTimeSkipping` wants it. */
export async function ensureTemporalTestServer(fetching: Fetching): Promise<string> {
  const version = VERSIONS.temporalTestServer
  const folder = await ensureLibraries({
    ...fetching,
    name: `temporal-test-server-${version}`,
    what: `Temporal's test server ${version} (39 jars, 39 MB)`,
  })
  const program = path.join(folder, 'temporal-test-server')
  if (await exists(program)) return program
  const { command } = await ensureJava(fetching)
  const libraries = path.join(folder, 'libs', '*')
  // its log would stand between the lines of the tests
  const script = `#!/bin/sh\nexec "${command}" -Xmx256m -XX:TieredStopAtLevel=1 -cp "${libraries}" io.temporal.testserver.TestServer "$@" 2>/dev/null\n`
  await putWholeFile(program, (unfinished) => writeFile(unfinished, script, { mode: 0o755 }))
  return program
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
