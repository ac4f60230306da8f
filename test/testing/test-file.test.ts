import { describe, expect, it } from 'vitest';
import { memory } from '../../connectors/memory/memory.ts';
import { runTestFile } from '../../engine/testing/run-test-file.ts';
import { parseTestFile } from '../../engine/testing/test-file.ts';

const environment = { registry: { connectors: [], formats: [] }, memory };

const good = `# a comment
statement ok
CREATE TABLE t (a INT)
  WITH ('connector' = 'memory')

input t
{"a": 1}

query
SELECT a FROM t
----
a INT
1
`;

describe('SQL test files', () => {
  it('are read as blocks with their lines', () => {
    const blocks = parseTestFile(good);
    expect(blocks.map(({ kind, argument, line }) => [kind, argument, line])).toEqual([
      ['statement', 'ok', 2],
      ['input', 't', 6],
      ['query', '', 9],
    ]);
    expect(blocks[2]!.expected).toBe('a INT\n1');
  });

  it('name the line of an unknown directive', () => {
    expect(() => parseTestFile('\nqurey\nSELECT 1\n')).toThrow("line 2: unknown directive 'qurey'");
  });

  it('pass where the answer is the expected one, and stay as they are when rewritten', async () => {
    const { results, rewritten } = await runTestFile(good, environment);
    expect(results.map((r) => r.passed)).toEqual([true]);
    expect(rewritten).toBe(good);
  });

  it('fail where it is another, and are rewritten with it', async () => {
    const { results, rewritten } = await runTestFile(good.replace('\n1\n', '\n2\n'), environment);
    expect(results.map(({ passed, actual }) => [passed, actual])).toEqual([[false, 'a INT\n1']]);
    expect(rewritten).toBe(good);
  });

  it('get an expected text where there is none yet', async () => {
    const { rewritten } = await runTestFile(good.slice(0, good.indexOf('----')), environment);
    expect(rewritten).toBe(good);
  });

  it('report a statement that should be good', async () => {
    const { results } = await runTestFile('statement ok\nSELECT nope\n', environment);
    expect(results[0]!.passed).toBe(false);
    expect(results[0]!.actual).toContain("no column 'nope'");
  });

  it('tell which mode gives another answer', async () => {
    // A random value differs from run to run.
    const { results } = await runTestFile('query\nSELECT UUID() AS u\n----\n', environment);
    expect(results[0]!.passed).toBe(false);
    expect(results[0]!.actual).toContain("but in mode 'batches of one row'");
  });
});
