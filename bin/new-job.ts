/** Connectors that a new job can read from and write to. */
export const newSources = ['kafka', 'binance', 'filesystem', 'datagen'] as const;
export const newSinks = ['jdbc', 'kafka', 'upsert-kafka', 'filesystem', 'print', 'blackhole'] as const;
export type NewSource = (typeof newSources)[number];
export type NewSink = (typeof newSinks)[number];

const servers = `'properties.bootstrap.servers' = '\${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}'`;

/** A job named `name` that keeps prices above zero, and its test. */
export function newJob(name: string, from: NewSource, to: NewSink): { readonly sql: string; readonly test: string } {
  const sinkKey = to === 'jdbc' || to === 'upsert-kafka';
  const sql = `-- Copies prices above zero from ${from} to ${to}.
--
--   cryptopipe run jobs/${name}.sql

SET 'pipeline.name' = '${name}';

${createTable('prices_in', false, sourceOptions(name, from))}

${createTable('prices_out', sinkKey, sinkOptions(name, to))}

INSERT INTO prices_out
SELECT symbol, price, event_time_ms
FROM prices_in
WHERE price > 0;
`;
  const notNull = sinkKey ? ' NOT NULL' : '';
  const test = `# Prices above zero arrive as they are; others do not.
job ${name}.sql

input prices_in
{"symbol": "BTCUSDT", "price": 64250.01, "event_time_ms": 1700000000000}
{"symbol": "ETHUSDT", "price": 0, "event_time_ms": 1700000000500}
{"symbol": "SOLUSDT", "price": 58.5, "event_time_ms": 1700000001000}

output prices_out
----
symbol STRING${notNull}, price DECIMAL(20, 8), event_time_ms BIGINT
BTCUSDT | 64250.01000000 | 1700000000000
SOLUSDT | 58.50000000 | 1700000001000
`;
  return { sql, test };
}

function createTable(name: string, key: boolean, options: readonly string[]): string {
  const columns = [
    'symbol        STRING',
    'price         DECIMAL(20, 8)',
    'event_time_ms BIGINT',
    ...(key ? ['PRIMARY KEY (symbol) NOT ENFORCED'] : []),
  ];
  const lines = (items: readonly string[]) => items.map((item) => `  ${item}`).join(',\n');
  return `CREATE TABLE ${name} (\n${lines(columns)}\n) WITH (\n${lines(options)}\n);`;
}

function sourceOptions(name: string, from: NewSource): string[] {
  const connector = `'connector' = '${from}'`;
  switch (from) {
    case 'kafka':
      return [
        connector,
        "'topic' = 'prices'",
        servers,
        `'properties.group.id' = '${name}'`,
        "'scan.startup.mode' = 'earliest-offset'",
        "'format' = 'json'",
      ];
    case 'binance':
      return [connector, "'symbols' = 'BTCUSDT;SOLUSDT'", "'stream' = 'price'"];
    case 'filesystem':
      return [connector, `'path' = '\${INPUT:-prices.jsonl}'`, "'format' = 'json'"];
    case 'datagen':
      return [connector, "'rows-per-second' = '10'", "'fields.symbol.length' = '6'"];
  }
}

function sinkOptions(name: string, to: NewSink): string[] {
  const connector = `'connector' = '${to}'`;
  switch (to) {
    case 'jdbc':
      return [
        connector,
        `'url' = '\${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}'`,
        `'table-name' = '${name}'`,
        `'username' = '\${JDBC_USER:-postgres}'`,
        `'password' = '\${JDBC_PASSWORD:-postgres}'`,
      ];
    case 'kafka':
      return [connector, `'topic' = '${name}'`, servers, "'format' = 'json'"];
    case 'upsert-kafka':
      return [connector, `'topic' = '${name}'`, servers, "'key.format' = 'raw'", "'value.format' = 'json'"];
    case 'filesystem':
      return [connector, `'path' = '\${OUTPUT:-output/${name}}'`, "'format' = 'json'"];
    case 'print':
    case 'blackhole':
      return [connector];
  }
}
