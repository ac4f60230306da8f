import path from 'node:path';
import { expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import type { Scalar } from '../../engine/index.ts';
import { checkQueries, runQuery, textOf } from '../../engine/index.ts';
import { typeText } from '../../engine/types/data-type.ts';
import { folder, type RecordedColumn, readLines, readText, Tally } from './recorded.ts';

const table = `${readText('columns-table.sql')
  .trim()
  .replace(/;$/, '')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the recorded file
  .replace('${DIR}/c.jsonl', path.join(folder, 'columns-input.jsonl'))};`;

const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Type and values by row, or the phase of the error. */
async function answer(record: RecordedColumn): Promise<unknown> {
  const text = { file: 'columns.sql', text: `${table}\nSELECT id, ${record.expr} AS v FROM c;` };
  const settings = new Map([['table.local-time-zone', record.zone]]);
  const { job, statements } = checkQueries(text, { registry, variables: () => undefined, settings });
  const select = statements[1]!;
  if (select.errors.length > 0 || select.statement?.kind !== 'select') return 'validate';
  const values: Record<string, string | null> = {};
  const { plan } = select.statement;
  const type = plan.fields[1]!.type;
  try {
    await runQuery(plan, job, text, {
      log,
      rows(rows: readonly (readonly Scalar[])[]) {
        for (const [id, value] of rows) values[String(id)] = textOf(type, value!, record.zone);
      },
    });
  } catch (error) {
    if (error instanceof Error) return 'run';
    throw error;
  }
  return { type: typeText(type), values };
}

it('expressions over columns answer what Flink answers for at least 98 %', async () => {
  const tally = new Tally();
  const differences: string[] = [];
  for (const record of readLines<RecordedColumn>('columns.jsonl')) {
    const expected = record.error ? record.error.phase : { type: record.type, values: record.values };
    const found = await answer(record);
    const agreed = JSON.stringify(found) === JSON.stringify(expected);
    tally.count('columns', agreed);
    if (!agreed) differences.push(`${record.expr}\n    ${JSON.stringify(found)}\n    ${JSON.stringify(expected)}`);
  }
  tally.print('expressions over columns');
  if (differences.length > 0) console.info(`differences:\n  ${differences.join('\n  ')}`);
  expect(tally.share, differences.join('\n')).toBeGreaterThanOrEqual(0.98);
});
