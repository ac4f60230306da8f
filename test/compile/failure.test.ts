import { describe, expect, it } from 'vitest';
import { analyze } from '../../engine/analyze/analyze.ts';
import { compileQuery } from '../../engine/compile/query.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { parse } from '../../engine/syntax/parse.ts';

function failureOf(text: string): RunError {
  const report = new Diagnostics();
  const { statements } = analyze(parse(text, { report }), {
    registry: { connectors: [], formats: [] },
    functions,
    report,
  });
  expect(report.list).toEqual([]);
  const statement = statements.at(-1);
  if (statement?.kind !== 'select') throw new Error('no query');
  try {
    compileQuery(statement.plan, { source: { file: 'job.sql', text } }).rows();
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('an expression that fails while it runs', () => {
  it('is named with its place in the file and the values it failed on', () => {
    const error = failureOf("SELECT x,\n  CAST(s AS INT) + 1 AS n\nFROM (VALUES (1, '2'), (2, 'two')) AS v (x, s)");
    expect(error.message).toBe("'CAST(s AS INT)' at job.sql:2:3 failed: 'two' is no integer, where s = 'two'");
    expect(error.help).toBe('TRY_CAST gives NULL instead of failing');
    expect(error.passing).toBe(false);
  });

  it('is the innermost one, with the values of its own operands', () => {
    const error = failureOf('SELECT 1 + 10 / (x - 1) FROM (VALUES (1)) AS v (x)');
    expect(error.message).toBe("'10 / (x - 1)' at job.sql:1:12 failed: division by zero, where (x - 1) = 0");
  });

  it('is found in conditions too', () => {
    const error = failureOf('SELECT x FROM (VALUES (0)) AS v (x) WHERE 5 / x > 1');
    expect(error.message).toBe("'5 / x' at job.sql:1:43 failed: division by zero, where x = 0");
  });

  it('does not flood the message with a long value', () => {
    const error = failureOf(`SELECT CAST(s AS INT) FROM (VALUES ('${'x'.repeat(5000)}')) AS v (s)`);
    expect(error.message.length).toBeLessThan(700);
  });
});
