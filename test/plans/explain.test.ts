import { describe, expect, it } from 'vitest';
import { analyze } from '../../engine/analyze/analyze.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { explain, explainText } from '../../engine/plan/explain.ts';
import { optimize } from '../../engine/plan/optimize.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { parse } from '../../engine/syntax/parse.ts';

function planOf(sql: string): Plan {
  const report = new Diagnostics();
  const { statements } = analyze(parse(sql, { report }), {
    registry: { connectors: [], formats: [] },
    functions,
    report,
  });
  expect(report.list).toEqual([]);
  const [statement] = statements;
  if (statement?.kind !== 'select') throw new Error('no query');
  return statement.plan;
}

describe('explain', () => {
  const plan = planOf("SELECT x + 1 AS y FROM (VALUES (1, 'a'), (2, 'b')) AS v (x, s) WHERE s <> 'a'");

  it('prints operators as Flink names them', () => {
    expect(explainText(plan)).toBe(
      "Calc(select=[(x + 1) AS y], where=[(s <> 'a')])\n+- Values(tuples=[{ 1, 'a' }, { 2, 'b' }])",
    );
  });

  it('gives the same as data, with the types of columns', () => {
    expect(explain(optimize(plan))).toEqual({
      operator: 'Calc',
      attributes: { select: ['(x + 1) AS y'], where: "(s <> 'a')" },
      fields: [{ name: 'y', type: 'INT NOT NULL' }],
      inputs: [
        {
          operator: 'Values',
          attributes: { tuples: ["{ 1, 'a' }", "{ 2, 'b' }"] },
          fields: [
            { name: 'x', type: 'INT NOT NULL' },
            { name: 's', type: 'CHAR(1) NOT NULL' },
          ],
          inputs: [],
        },
      ],
    });
  });

  it('prints expressions near to SQL', () => {
    const expression = (sql: string) =>
      explainText(planOf(`SELECT ${sql} AS r FROM (VALUES (1, 'a', TRUE)) AS v (x, s, b)`));
    expect(expression("CASE WHEN b THEN s ELSE 'z' END")).toContain("CASE WHEN b THEN s ELSE 'z' END AS r");
    expect(expression("s LIKE 'a%' OR x IS NOT NULL")).toContain("((s LIKE 'a%') OR x IS NOT NULL) AS r");
    expect(expression('x IN (1, 2, 3, 4)')).toContain('x IN (1, 2, 3, 4) AS r');
    expect(expression('TRY_CAST(s AS INT) IS NULL AND NOT b')).toContain('(TRY_CAST(s AS INT) IS NULL AND NOT b) AS r');
    expect(expression("EXTRACT(YEAR FROM TIMESTAMP '2024-01-02 03:04:05')")).toContain('EXTRACT(YEAR, TIMESTAMP ');
  });
});
