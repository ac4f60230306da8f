import { describe, expect, it } from 'vitest';
import { analyze } from '../../engine/analyze/analyze.ts';
import { Settings } from '../../engine/analyze/settings.ts';
import { defineConnector, type TableUse } from '../../engine/connector/define.ts';
import { type OptionDeclarations, option } from '../../engine/connector/options.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { parse } from '../../engine/syntax/parse.ts';

const seen: TableUse<OptionDeclarations>[] = [];
const probe = defineConnector({
  name: 'probe',
  doc: 'Remembers the options it was checked with.',
  options: {
    host: option.string('A host.', { default: 'nowhere' }),
    password: option.string('A secret.', { secret: true }),
    speed: option.int('A number.', { default: '1' }),
  },
  check: (use) => {
    seen.push(use as unknown as TableUse<OptionDeclarations>);
  },
  createSource: () => {
    throw new Error('never created here');
  },
});

function run(text: string, settings?: ReadonlyMap<string, string>) {
  seen.length = 0;
  const report = new Diagnostics();
  const analysis = analyze(parse(text, { report }), {
    registry: { connectors: [probe as never], formats: [] },
    functions,
    report,
    ...(settings === undefined ? {} : { settings }),
  });
  return { analysis, diagnostics: report.list };
}

const table = "CREATE TABLE t (a INT) WITH ('connector' = 'probe', 'host' = 'written', 'password' = 'hush');";

describe('settings of a job', () => {
  it('overrides options of one table, wherever the SET stands', () => {
    const { diagnostics } = run(`${table} SELECT a FROM t; SET 'cryptopipe.table.t.host' = 'elsewhere';`);
    expect(diagnostics).toEqual([]);
    expect(seen.map(({ options }) => options.host)).toEqual(['elsewhere']);
  });

  it('reports a wrong option of a table as if it stood in WITH', () => {
    const { diagnostics } = run(`SET 'cryptopipe.table.t.spede' = '2'; ${table}`);
    expect(diagnostics.map(({ code, help }) => [code, help])).toEqual([['unknown-option', "did you mean 'speed'?"]]);
  });

  it('lets hints win over WITH and reads the table without them as before', () => {
    run(`${table} SELECT a FROM t /*+ OPTIONS('host' = 'hinted', 'speed' = '3') */; SELECT a FROM t;`);
    expect(seen.map(({ options }) => [options.host, options.speed])).toEqual([
      ['hinted', 3],
      ['written', 1],
    ]);
  });

  it('takes settings from outside for stronger than SET', () => {
    const outside = new Map([['pipeline.name', 'outside']]);
    const { analysis } = run("SET 'pipeline.name' = 'inside'; SET 'parallelism.default' = '4';", outside);
    expect(analysis.settings['pipeline.name']).toBe('outside');
    expect(analysis.settings['parallelism.default']).toBe(4);
  });

  it('collects the values of secret options', () => {
    expect(run(table).analysis.secrets).toEqual(['hush']);
  });

  it('uses the time zone that is set before a statement', () => {
    const zones = `SET 'table.local-time-zone' = 'UTC';
      CREATE VIEW v AS SELECT CAST(TIMESTAMP '2024-01-01 00:00:00' AS TIMESTAMP_LTZ(0)) AS x FROM (VALUES (1)) AS t (a);
      SET 'table.local-time-zone' = 'Asia/Tokyo';
      SELECT CAST(TIMESTAMP '2024-01-01 00:00:00' AS TIMESTAMP_LTZ(0)) AS x;`;
    const { analysis } = run(zones);
    const [select] = analysis.statements;
    expect(select?.kind === 'select' && select.plan.kind === 'project' && select.plan.expressions[0]).toMatchObject({
      // Midnight in Tokyo is 15:00 of the day before in UTC.
      value: BigInt(Date.parse('2023-12-31T15:00:00Z')) * 1000n,
    });
  });

  it('forgets with RESET what was set, but not what came from outside', () => {
    const settings = new Settings(new Map([['pipeline.name', 'outside']]));
    const report = new Diagnostics();
    const span = { start: 0, end: 0 };
    settings.set('pipeline.name', 'outside', span, span, report);
    settings.set('table.exec.sink.not-null-enforcer', 'drop', span, span, report);
    expect(settings.values['table.exec.sink.not-null-enforcer']).toBe('DROP');
    settings.reset();
    expect(settings.values['table.exec.sink.not-null-enforcer']).toBe('ERROR');
    expect(settings.values['pipeline.name']).toBe('outside');
  });
});
