import { afterAll, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { type Diagnostic, Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { check } from '../../engine/job.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { type RecordedStatement, readLines, readText, Tally } from './recorded.ts';

const records = readLines<RecordedStatement>('statements.jsonl');
const context = readText('statements-context.sql');
const syntax = new Tally();
const whole = new Tally();
const differences: string[] = [];

/** What Flink can parse and cryptopipe does not run is read, and told as unsupported. */
function mistakesOf(list: readonly Diagnostic[]): readonly Diagnostic[] {
  return list.filter(({ code, severity }) => severity === 'error' && code !== 'unsupported');
}

function verdict(mistakes: readonly unknown[]): RecordedStatement['flink'] {
  return mistakes.length > 0 ? 'rejects' : 'accepts';
}

it('accepts and rejects the statements that Flink does, for at least 97 %', () => {
  for (const { id, sql, flink, message, valid, validMessage } of records) {
    const found = new Diagnostics();
    parse(sql, { report: found });
    const mistakes = mistakesOf(found.list);
    syntax.count('syntax', verdict(mistakes) === flink);
    if (verdict(mistakes) !== flink)
      differences.push(`${id} ${sql}: Flink ${flink}, ${message ?? mistakes[0]?.message}`);
    // Several statements are an error to the call that was recorded, and none in a file.
    if (flink !== 'accepts' || valid === undefined || validMessage === 'only single statement supported') continue;
    const text = `${context.trim()}\n${sql}`;
    const { diagnostics } = check({ file: 'job.sql', text }, { registry, variables: () => undefined });
    const unsupported = diagnostics.some(({ code }) => code === 'unsupported');
    const group = unsupported ? 'told as unsupported' : 'with tables, options and types';
    const errors = mistakesOf(diagnostics);
    const agreed = unsupported || verdict(errors) === valid;
    whole.count(group, agreed);
    if (!agreed) differences.push(`${id} ${sql}: Flink ${valid}, ${validMessage ?? errors[0]?.message}`);
  }
  expect(syntax.share, differences.join('\n')).toBeGreaterThanOrEqual(0.97);
});

afterAll(() => {
  syntax.print('statements');
  whole.print('statements that can be parsed');
  if (differences.length > 0) console.info(`differences:\n  ${differences.join('\n  ')}`);
});
