import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check } from '../../engine/job.ts';
import { type RecordedStatement, readLines, readText } from '../conformance/recorded.ts';

const context = `${readText('statements-context.sql').trim()}\n`;
const rejected = readLines<RecordedStatement>('statements.jsonl').filter(
  ({ flink, valid, validMessage }) =>
    // Several statements are an error to the call that was recorded, and none in a file.
    (flink === 'rejects' || valid === 'rejects') && validMessage !== 'only single statement supported',
);

/** A comment alone is a mistake where a file holds nothing else. */
function errorsOf({ sql }: RecordedStatement) {
  const before = sql.startsWith('--') ? '' : context;
  const { diagnostics } = check({ file: 'job.sql', text: before + sql }, { registry, variables: () => undefined });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((d) => ({ ...d, span: { start: d.span.start - before.length, end: d.span.end - before.length } }));
}

describe('a statement that Flink rejects has one error, at its first mistake', () => {
  it.each(rejected)('$id $sql', (record) => {
    const errors = errorsOf(record);
    expect(
      errors.map(({ message }) => message),
      record.message ?? record.validMessage,
    ).toHaveLength(1);
    const { span } = errors[0]!;
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeLessThanOrEqual(record.sql.length);
  });

  it('where Flink names the token the error is on it, or on the one before or after', () => {
    const far = rejected.flatMap((record) => {
      const place = / at line 1, column (\d+)/.exec(record.message ?? '');
      if (place === null || record.sql.includes('\n')) return [];
      const at = Number(place[1]) - 1;
      const { span, code, message } = errorsOf(record)[0]!;
      // The start of what never ends is told, where Flink tells the end; a clause that is not supported as a whole.
      if (code === 'unterminated-comment' || code === 'unterminated-string' || code === 'unsupported') return [];
      const [from, to] = [Math.min(at, span.end), Math.max(at, span.start)];
      const between = at >= span.start && at <= span.end ? '' : record.sql.slice(from, to).trim();
      return between.split(/\s+/).length <= 2
        ? []
        : [`${record.id} ${record.sql}: column ${span.start + 1} ${message}`];
    });
    expect(far).toEqual([]);
  });
});
