import { expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { analyze } from '../../engine/analyze/analyze.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { sinkNeedsBefore } from '../../engine/plan/changelog.ts';
import { explainText } from '../../engine/plan/explain.ts';
import { optimizeSink } from '../../engine/plan/optimize.ts';
import { parse } from '../../engine/syntax/parse.ts';

const tables = `
CREATE TABLE t (id INT, k STRING, d INT) WITH ('connector' = 'datagen');
CREATE TABLE s (k STRING, d INT, id INT, PRIMARY KEY (k, d) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/x', 'table-name' = 's');`;

function planOf(query: string) {
  const report = new Diagnostics();
  const script = parse(`${tables}\nINSERT INTO s ${query}`, { report });
  const { statements } = analyze(script, { registry, functions, report });
  expect(report.list.filter((each) => each.severity === 'error')).toEqual([]);
  const insert = statements.at(-1)!;
  if (insert.kind !== 'insert') throw new Error(insert.kind);
  const plan = optimizeSink(insert.plan);
  return { text: explainText(plan), before: sinkNeedsBefore(plan) };
}

it('remembers the rows of a key of the table where the query may have several', () => {
  const { text, before } = planOf('SELECT MAX(k), MAX(d), id FROM t GROUP BY id');
  expect(text).toContain('UpsertMaterializer(rankRange=[rankStart=1, rankEnd=1], partitionBy=[k, d]');
  // Only the key of a row that goes is needed then.
  expect(before).toBe(false);
});

it('remembers nothing where the keys are the same, or where those of the query are among them', () => {
  expect(planOf('SELECT k, d, MAX(id) FROM t GROUP BY k, d')).toMatchObject({ before: false });
  expect(planOf('SELECT k, d, MAX(id) FROM t GROUP BY k, d').text).not.toContain('UpsertMaterializer');
  const narrower = planOf('SELECT k, MAX(d), MAX(id) FROM t GROUP BY k');
  expect(narrower.text).not.toContain('UpsertMaterializer');
  // A row whose day changes is deleted under the old one.
  expect(narrower.before).toBe(true);
});

it('remembers nothing of rows that only come: the last one of a key wins', () => {
  expect(planOf('SELECT k, d, id FROM t').text).not.toContain('UpsertMaterializer');
});
