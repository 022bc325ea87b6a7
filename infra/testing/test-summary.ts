// Counts the tests of a run from vitest's JSON report.
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The parts of vitest's JSON report that are read. */
export interface JsonReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/** A file that could not even be loaded counts as one failed test: its tests are unknown, its failure is not. */
export function countTests({ testResults }: JsonReport): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { status, assertionResults } of testResults) {
    const before = counts.failed
    for (const result of assertionResults) {
      if (result.status === 'passed') counts.passed += 1
      else if (result.status === 'failed') counts.failed += 1
      else counts.skipped += 1
    }
    // failed as a whole with no failed test in it: an import, a hook
    if (status === 'failed' && counts.failed === before) counts.failed += 1
  }
  return counts
}

/** The closing line of `npm test`. */
export function summaryLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** 0 only when tests ran, none failed, and the runner itself was content. */
export function exitCodeOf({ passed, failed }: TestCounts, runnerCode: number): number {
  if (failed > 0 || passed === 0) return 1
  return runnerCode
}
