import type { Reporter, TestModule, TestSuite } from 'vitest/node';

/** Ends a run with a line per missing server that counts the tests skipped for it. */
export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const suite of modules.flatMap((module) => [...module.children.allSuites()])) {
      const missing = suite.meta().missingServers?.join(' and ');
      if (missing !== undefined) counts.set(missing, (counts.get(missing) ?? 0) + countTests(suite));
    }
    for (const [missing, count] of counts) {
      process.stdout.write(`\n${count} ${count === 1 ? 'test' : 'tests'} skipped: ${missing}\n`);
    }
  }
}

function countTests(suite: TestSuite): number {
  return [...suite.children.allTests()].length;
}

export default SkippedReporter;
