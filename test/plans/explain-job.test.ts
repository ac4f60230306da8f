import DOMPurify from 'dompurify';
import { describe, expect, it } from 'vitest';
import { flowchart } from '../../bin/flowchart.ts';
import { registry } from '../../connectors/index.ts';
import { type ExplainedPlan, type ExplainStage, explainJob } from '../../engine/explain-job.ts';
import { type CheckedJob, check } from '../../engine/job.ts';
import { quiet } from '../connectors/kafka/table.ts';

const source = (name: string, connector = 'kafka') =>
  connector === 'binance'
    ? `CREATE TABLE ${name} (symbol STRING, price DECIMAL(20, 8)) WITH ('connector' = 'binance', 'stream' = 'trade', 'symbols' = 'BTCUSDT');\n`
    : `CREATE TABLE ${name} (symbol STRING, price DECIMAL(20, 8), quantity DOUBLE, at TIMESTAMP(3) METADATA FROM 'timestamp', note STRING)
  WITH ('connector' = 'kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');\n`.replace(
        ' at ',
        ' `at` ',
      );

const sinks = {
  jdbc: "PRIMARY KEY (symbol) NOT ENFORCED) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/db', 'table-name' = 's')",
  kafka: `WATERMARK_) WITH ('connector' = 'kafka', 'topic' = 's', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json')`,
  'kafka once': `WATERMARK_) WITH ('connector' = 'kafka', 'topic' = 's', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json',
    'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'p')`,
  'upsert-kafka': `PRIMARY KEY (symbol) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 's', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json')`,
  filesystem: "WATERMARK_) WITH ('connector' = 'filesystem', 'path' = '/tmp/s', 'format' = 'json')",
  print: "WATERMARK_) WITH ('connector' = 'print')",
} as const;

function sink(kind: keyof typeof sinks): string {
  const options = sinks[kind];
  return `CREATE TABLE s (symbol STRING, price DECIMAL(20, 8)${options.startsWith('WATERMARK_') ? '' : ', '}${options.replace('WATERMARK_', '')};\n`;
}

function checked(text: string): CheckedJob {
  const job = check({ file: 'job.sql', text }, { registry, variables: () => undefined });
  expect(job.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return job;
}

function explained(text: string, stage: ExplainStage = 'optimized'): ExplainedPlan[] {
  return explainJob(checked(text), stage);
}

describe('explain of a job', () => {
  it('prints operators, changelogs, what is pushed down and what is delivered', () => {
    const [plan] = explained(
      `${source('trades')}${sink('jdbc')}INSERT INTO s SELECT UPPER(symbol), price FROM trades WHERE price > 0 AND quantity > 1;`,
    );
    expect(`${plan!.text}\n`).toBe(
      `Sink(table=[default_catalog.default_database.s], fields=[symbol, price], changelogMode=[NONE])
+- Calc(select=[UPPER(symbol) AS symbol, price], where=[((price > 0) AND (quantity > 1.0))], changelogMode=[I])
   +- TableSourceScan(table=[[default_catalog, default_database, trades, project=[symbol, price, quantity], metadata=[]]], fields=[symbol, price, quantity], changelogMode=[I])

Pushed down:
  trades: 3 of 5 columns, rows where (price > 0) AND (quantity > 1.0)

Delivery: exactly once
  connector 'jdbc' commits the rows and the positions of the sources in one transaction, and a restart goes on at these positions
`,
    );
  });

  it('names the metadata that is read, and says where nothing is pushed down', () => {
    const [plan] = explained(`${source('trades')}SELECT * FROM trades;`);
    expect(plan!.text).toContain('table=[[default_catalog, default_database, trades, metadata=[timestamp]]]');
    expect(plan!.text).toContain('trades: all 5 columns, no filter');
    expect(plan!.text).not.toContain('Delivery');
  });

  it('pushes filters through UNION ALL to each source', () => {
    const [plan] = explained(
      `${source('a')}${source('b')}SELECT symbol FROM (SELECT * FROM a UNION ALL SELECT * FROM b) WHERE quantity > 1;`,
    );
    expect(plan!.pushedDown).toEqual([
      { table: 'a', columns: ['symbol', 'quantity'], of: 5, filters: ['(quantity > 1.0)'] },
      { table: 'b', columns: ['symbol', 'quantity'], of: 5, filters: ['(quantity > 1.0)'] },
    ]);
  });

  it.each([
    // By the key of its groups the sink replaces rows: no -U is needed.
    ['jdbc', 'SELECT symbol, MAX(price) FROM trades GROUP BY symbol', ['I', 'UA']],
    ['print', 'SELECT symbol, MAX(price) FROM trades GROUP BY symbol', ['I', 'UB', 'UA']],
    // Groups go once HAVING does not hold any more.
    ['jdbc', 'SELECT symbol, MAX(price) FROM trades GROUP BY symbol HAVING COUNT(*) < 3', ['I', 'UA', 'D']],
    ['print', 'SELECT symbol, price FROM trades', ['I']],
  ] as const)('tells how rows change: into %s, %s', (kind, query, mode) => {
    const [plan] = explained(`${source('trades')}${sink(kind)}INSERT INTO s ${query};`);
    expect(plan!.tree.inputs[0]!.attributes.changelogMode).toEqual(mode);
  });

  it.each([
    ['jdbc', 'kafka', 'exactly-once'],
    ['kafka', 'kafka', 'at-least-once'],
    ['kafka once', 'kafka', 'exactly-once'],
    ['upsert-kafka', 'kafka', 'at-least-once'],
    ['filesystem', 'kafka', 'at-least-once'],
    ['print', 'kafka', 'none'],
    // What an exchange sent while nobody listened cannot be read again.
    ['jdbc', 'binance', 'at-most-once'],
    ['kafka', 'binance', 'at-most-once'],
  ] as const)('knows what %s delivers of %s', (into, from, guarantee) => {
    const [plan] = explained(`${source('t', from)}${sink(into)}INSERT INTO s SELECT symbol, price FROM t;`);
    expect(plan!.delivery?.guarantee).toBe(guarantee);
    expect(plan!.delivery?.reasons.length).toBeGreaterThan(0);
  });

  it.each(Object.keys(sinks) as (keyof typeof sinks)[])('keeps that for %s: the sink that is made does so', (into) => {
    const job = checked(`${source('t')}${sink(into)}INSERT INTO s SELECT symbol, price FROM t;`);
    const [statement] = job.statements;
    if (statement?.kind !== 'insert') throw new Error('no INSERT');
    const made = job.pipelines![0]!.createSink(quiet());
    const keeps = made.durable === false ? 'nothing' : made.restore === undefined ? 'rows' : 'positions';
    expect(statement.plan.connector.keeps).toBe(keeps);
  });

  it('prints the generated functions with what their names mean', () => {
    const [plan] = explained(`${source('t')}SELECT symbol, quantity + 1 AS q FROM t WHERE symbol <> 'X';`, 'code');
    expect(plan!.code).toHaveLength(1);
    expect(plan!.text).toContain(
      ["// rows where (symbol <> 'X')", '// c0: symbol STRING', '// c1: quantity DOUBLE', '// o0: (quantity + 1'].join(
        '\n',
      ),
    );
    expect(plan!.text).toContain('// as they are: symbol\nreturn (length, columns, ');
  });
});

describe('the flow chart', () => {
  it('is what Mermaid reads, whatever names and literals hold', async () => {
    // Mermaid cleans what it would draw; without a page to draw on there is nothing to clean.
    Object.assign(DOMPurify, { sanitize: (text: string) => text, addHook: () => undefined });
    const { default: mermaid } = await import('mermaid');
    const plans = explained(
      `${source('a')}${source('b')}${sink('jdbc')}
INSERT INTO s SELECT symbol, price FROM a WHERE note <> '"]; end #x; <b> & %% -->
' UNION ALL SELECT \`symbol\`, price FROM b;
SELECT symbol AS \`subgraph "end"\` FROM a;`,
    );
    const text = flowchart(plans);
    expect(await mermaid.parse(text)).toMatchObject({ diagramType: 'flowchart-v2' });
    expect(text).toContain('delivery: exactly once');
    await expect(mermaid.parse(text.replace('"]', '"'))).rejects.toThrow();
  });
});
