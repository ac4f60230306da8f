import { expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { fixJob } from '../../engine/fix.ts';

const environment = { registry, variables: () => undefined };

it('applies the fixes of several rounds, and leaves what needs a decision', () => {
  const text = `CREATE TABLE t (value STRING, n INT) WITH ('connector' = 'datagn');
SELECT \`value\`, mn FROM t WHERE n == 1 AND n != 2
SELECT nowhere_near FROM t;`;
  const fixed = fixJob({ file: 'a.sql', text }, environment);
  expect(fixed.text).toBe(`CREATE TABLE t (\`value\` STRING, n INT) WITH ('connector' = 'datagen');
SELECT \`value\`, n FROM t WHERE n = 1 AND n <> 2;
SELECT nowhere_near FROM t;`);
  expect(fixed.diagnostics.map(({ code }) => code)).toEqual(['unknown-column']);
});

it('leaves a file that is fine as it is', () => {
  expect(fixJob({ file: 'a.sql', text: 'SELECT 1;' }, environment)).toMatchObject({ text: 'SELECT 1;', applied: 0 });
});
