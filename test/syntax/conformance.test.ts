import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { parse } from '../../engine/syntax/parse.ts';

/** `flink`: what the parser of Apache Flink 2.2.1 says to `sql`, syntax alone, and `message` why. */
interface Recorded {
  readonly id: string;
  readonly sql: string;
  readonly flink: 'accepts' | 'rejects';
  readonly message: string | null;
}

const records = readFileSync(new URL('../conformance/statements.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

test.each(records)('$id Flink $flink: $sql', ({ sql, flink, message }) => {
  const found = new Diagnostics();
  parse(sql, { report: found });
  // What Flink can parse and cryptopipe does not run is read, and told as unsupported.
  const mistakes = found.list.filter(({ code }) => code !== 'unsupported');
  expect(mistakes.length > 0 ? 'rejects' : 'accepts', message ?? mistakes[0]?.message).toBe(flink);
});

test('a rejected statement has its first diagnostic at or directly behind the place that Flink names', () => {
  for (const { sql, flink, message } of records) {
    const place = / at line 1, column (\d+)/.exec(message ?? '');
    if (flink === 'accepts' || place === null || sql.includes('\n')) continue;
    const found = new Diagnostics();
    parse(sql, { report: found });
    const column = found.list[0]!.span.start + 1;
    expect(Math.abs(column - Number(place[1])), `${sql}: column ${column}, Flink: ${message}`).toBeLessThanOrEqual(8);
  }
});
