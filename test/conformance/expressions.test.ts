import { afterAll, describe, expect, it } from 'vitest';
import { type Evaluation, evaluateExpression } from '../../engine/testing/evaluate.ts';
import { type Answer, type RecordedExpression, readLines, Tally } from './recorded.ts';

const records = readLines<RecordedExpression>('expressions.jsonl');
const values = new Tally();
const errors = new Tally();
const differences: string[] = [];

/** The layer that stream jobs meet; where the plain SELECT dies of NOT NULL also the answer without it. */
function expectedOf(record: RecordedExpression): Answer[] {
  const { runtime, opaque, nullable } = record;
  const last = opaque ?? runtime ?? record;
  const type = runtime?.type ?? record.type ?? nullable?.type ?? null;
  return [{ type, ...last }, ...(nullable === undefined ? [] : [nullable])];
}

function agrees(found: Evaluation, expected: Answer): boolean {
  if (expected.error) return 'error' in found && found.error.phase === expected.error.phase;
  if ('error' in found || found.value !== expected.value) return false;
  // NOT NULL is kept where Flink itself lets NULL through it.
  return !expected.type || found.type === expected.type || found.type === `${expected.type} NOT NULL`;
}

function show(answer: Answer | Evaluation): string {
  if ('error' in answer && answer.error) return `${answer.error.phase} error: ${answer.error.message.slice(0, 100)}`;
  return `${'type' in answer ? answer.type : ''} ${JSON.stringify('value' in answer ? answer.value : null)}`;
}

describe('expressions answer what Flink answers', () => {
  for (const record of records) {
    const expected = expectedOf(record);
    const found = evaluateExpression(record.expr, { timeZone: record.zone });
    const agreed = expected.some((answer) => agrees(found, answer));
    (expected[0]!.error ? errors : values).count(record.group, agreed);
    if (!agreed) differences.push(`${record.id} ${record.expr}: ${show(found)}, Flink: ${show(expected[0]!)}`);
  }

  it('value and type for at least 98 %', () => {
    expect(values.share, differences.join('\n')).toBeGreaterThanOrEqual(0.98);
  });

  it('errors in the same phase for at least 95 %', () => {
    expect(errors.share, differences.join('\n')).toBeGreaterThanOrEqual(0.95);
  });

  it('folded and unfolded agree', () => {
    for (const { expr, zone, opaque, runtime } of records) {
      // Where Flink disagrees with itself the recorded layers say so; here both ways must be one.
      if (opaque !== undefined || runtime !== undefined || /RAND|UUID|NOW|CURRENT/i.test(expr)) continue;
      const folded = evaluateExpression(expr, { timeZone: zone });
      const unfolded = evaluateExpression(expr, { timeZone: zone, optimize: false });
      expect('error' in unfolded ? unfolded.error.phase : unfolded, expr).toEqual(
        'error' in folded ? folded.error.phase : folded,
      );
    }
  });

  afterAll(() => {
    values.print('values and types');
    errors.print('errors in the same phase');
    if (differences.length > 0) console.info(`differences:\n  ${differences.join('\n  ')}`);
  });
});
