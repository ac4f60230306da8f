import { expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check } from '../../engine/job.ts';

function errors(settings: string, columns = 'record_value BYTES'): string[] {
  const text = `CREATE TABLE letters (${columns}) WITH ('connector' = 'blackhole');
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
CREATE TABLE s (a INT) WITH ('connector' = 'blackhole');
${settings}
INSERT INTO s SELECT a FROM t;`;
  const { diagnostics, pipelines } = check({ file: 'job.sql', text }, { registry, variables: () => undefined });
  const found = diagnostics.filter((d) => d.severity === 'error');
  expect(pipelines === undefined).toBe(found.length > 0);
  return found.map((d) => `${d.code} at ${text.slice(d.span.start, d.span.end)}: ${d.message}`);
}

it('takes a declared table whose columns are known', () => {
  expect(errors("SET 'cryptopipe.dead-letter.table' = 'letters';")).toEqual([]);
});

it('reports a table that is not declared, at the value of SET', () => {
  expect(errors("SET 'cryptopipe.dead-letter.table' = 'leters';")).toEqual([
    "unknown-table at 'leters': no table 'leters' takes the dead letters",
  ]);
});

it('reports a column that no letter has', () => {
  expect(errors("SET 'cryptopipe.dead-letter.table' = 'letters';", 'reason STRING')).toHaveLength(1);
});
