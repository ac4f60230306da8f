import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from '../end-to-end/scene.ts';
import { createTopic, type Database, openProducer, until } from '../servers/index.ts';

export interface KillOptions {
  readonly kills: number;
  /** Trades a second while the job is killed. */
  readonly rate: number;
  say(text: string): void;
}

/** A table's rows as text, in order. */
export type TableText = readonly string[];

export interface KillResult {
  readonly sent: number;
  /** How often the job had committed something when it was killed. */
  readonly progressed: number;
  /** By table: what the killed job wrote, what one wrote that nobody disturbed, what the trades say. */
  readonly tables: Readonly<
    Record<'candles' | 'totals', Readonly<Record<'killed' | 'undisturbed' | 'expected', TableText>>>
  >;
}

const PARTITIONS = 4;
const SYMBOLS = 40;
/** A batch of trades every so many milliseconds. */
const PAUSE = 50;
/** Event time of the first trade, and what each trade adds: 20 000 trades are a second of it. */
const START = Date.UTC(2024, 0, 1);
const TRADES_PER_MS = 20;
/** How long all may take to arrive after the last kill. */
const PATIENCE = 180_000;

/**
 * Kills a job with windows and a GROUP BY again and again while trades come in through four partitions, then runs the
 * same job undisturbed over the same trades.
 */
export async function runKills(
  folder: Folder,
  kafka: string,
  database: Database,
  options: KillOptions,
): Promise<KillResult> {
  const topic = await createTopic(kafka, { partitions: PARTITIONS });
  for (const prefix of ['killed', 'undisturbed']) await database.query(tablesOf(prefix));
  const job = (prefix: string) => folder.write(`${prefix}.sql`, jobText(prefix, kafka, topic, database));
  const trades = startTrades(kafka, topic, options.rate);
  folder.after(() => trades.stop());
  const killed = job('killed');
  let progressed = 0;
  for (let kill = 0; kill < options.kills; kill++) {
    const bin = folder.start(['run', killed]);
    const before = await countTrades(database);
    await until('progress', async () => (await countTrades(database)) > before, { every: 50, timeout: 30_000 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${bin.stderr}`);
      },
    );
    progressed++;
    // Different moments between two commits, and of what they do.
    await sleep((kill * 37) % 400);
    await bin.end('SIGKILL');
    options.say(`kill ${kill + 1}/${options.kills}: ${trades.sent} sent`);
  }
  const sent = await trades.stop();
  const last = folder.start(['run', killed]);
  await arrive(database, 'killed', sent, () => last.stderr);
  await last.end('SIGTERM');
  const calm = folder.start(['run', job('undisturbed')]);
  await arrive(database, 'undisturbed', sent, () => calm.stderr);
  await calm.end('SIGTERM');
  const read = async (table: 'candles' | 'totals') => ({
    killed: await tableText(database, `killed_${table}`),
    undisturbed: await tableText(database, `undisturbed_${table}`),
    expected: expected[table](sent),
  });
  return { sent, progressed, tables: { candles: await read('candles'), totals: await read('totals') } };
}

/** Trade n, the same each time: times grow within a partition. */
function trade(n: number): { symbol: number; price: number; quantity: number; time: number } {
  return {
    symbol: n % SYMBOLS,
    price: ((n * 7919) % 10_007) + 1,
    quantity: ((n * 31) % 97) + 1,
    time: START + Math.floor(n / TRADES_PER_MS),
  };
}

function message(n: number): string {
  const { symbol, price, quantity, time } = trade(n);
  return `{"symbol":"S${symbol}","price":${price},"quantity":${quantity},"time_ms":${time}}`;
}

interface Trades {
  readonly sent: number;
  stop(): Promise<number>;
}

function startTrades(kafka: string, topic: string, rate: number): Trades {
  const size = Math.round((rate * PAUSE) / 1000);
  let stopped = false;
  let sent = 0;
  const done = (async () => {
    const producer = await openProducer(kafka);
    const began = performance.now();
    while (!stopped) {
      const first = sent;
      await producer.send(
        Array.from({ length: size }, (_, i) => {
          const n = first + i;
          return { topic, partition: (n % SYMBOLS) % PARTITIONS, value: message(n) };
        }),
      );
      sent += size;
      await sleep(Math.max(0, began + (sent / rate) * 1000 - performance.now()));
    }
    // An hour later in every partition: all windows before it close. Its own symbol tells it from the trades.
    const value = `{"symbol":"end","price":0,"quantity":0,"time_ms":${START + Math.ceil(sent / TRADES_PER_MS) + 3_600_000}}`;
    await producer.send(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, value })));
    await producer.close();
  })();
  return {
    get sent() {
      return sent;
    },
    async stop() {
      stopped = true;
      await done;
      return sent;
    },
  };
}

function tablesOf(prefix: string): string {
  return `
    CREATE TABLE ${prefix}_candles (symbol TEXT, opened TIMESTAMP(3), high BIGINT, low BIGINT, volume BIGINT, trades BIGINT);
    CREATE TABLE ${prefix}_totals (symbol TEXT PRIMARY KEY, trades BIGINT, volume BIGINT, high BIGINT)`;
}

/** The candles go into a table without a key: a window that closed twice would be seen. */
function jobText(prefix: string, kafka: string, topic: string, database: Database): string {
  const jdbc = (
    table: string,
  ) => `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = '${prefix}_${table}',
  'username' = '${database.user}', 'password' = '${database.password}'`;
  return `
SET 'pipeline.name' = '${prefix}';
SET 'table.local-time-zone' = 'UTC';
CREATE TABLE trades (
  symbol STRING, price BIGINT, quantity BIGINT, time_ms BIGINT,
  ts AS CAST(TO_TIMESTAMP_LTZ(time_ms, 3) AS TIMESTAMP(3)), WATERMARK FOR ts AS ts - INTERVAL '0.5' SECOND
) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka}',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE candles (symbol STRING, opened TIMESTAMP(3), high BIGINT, low BIGINT, volume BIGINT, trades BIGINT)
  WITH (${jdbc('candles')});
CREATE TABLE totals (symbol STRING, trades BIGINT, volume BIGINT, high BIGINT, PRIMARY KEY (symbol) NOT ENFORCED)
  WITH (${jdbc('totals')});
INSERT INTO candles
  SELECT symbol, window_start, MAX(price), MIN(price), SUM(quantity), COUNT(*)
  FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND))
  GROUP BY window_start, window_end, symbol;
INSERT INTO totals SELECT symbol, COUNT(*), SUM(quantity), MAX(price) FROM trades WHERE symbol <> 'end' GROUP BY symbol;`;
}

/** Trades counted by the job that is killed. */
async function countTrades(database: Database): Promise<number> {
  return counted(database, 'killed_totals');
}

async function counted(database: Database, table: string): Promise<number> {
  const [found] = await database.query(`SELECT coalesce(sum(trades), 0)::int AS trades FROM ${table}`);
  return found!.trades as number;
}

async function arrive(database: Database, prefix: string, sent: number, said: () => string): Promise<void> {
  const all = async () =>
    (await counted(database, `${prefix}_totals`)) >= sent && (await counted(database, `${prefix}_candles`)) >= sent;
  await until('all trades', all, { every: 200, timeout: PATIENCE }).catch((error: Error) => {
    throw new Error(`${error.message} of ${sent}\n${said()}`);
  });
}

async function tableText(database: Database, table: string): Promise<TableText> {
  const rows = await database.query(`SELECT t::text AS row FROM ${table} AS t`);
  return rows.map(({ row }) => row as string).sort();
}

interface Sum {
  high: number;
  low: number;
  volume: number;
  trades: number;
}

/** What the tables have to hold, by hand. */
const expected = {
  candles: (sent: number): TableText =>
    [...sums(sent, ({ symbol, time }) => `S${symbol},"${timeText(time - (time % 1000))}"`)]
      .map(([key, { high, low, volume, trades }]) => `(${key},${high},${low},${volume},${trades})`)
      .sort(),
  totals: (sent: number): TableText =>
    [...sums(sent, ({ symbol }) => `S${symbol}`)]
      .map(([key, { trades, volume, high }]) => `(${key},${trades},${volume},${high})`)
      .sort(),
};

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function sums(sent: number, keyOf: (one: ReturnType<typeof trade>) => string): Map<string, Sum> {
  const found = new Map<string, Sum>();
  for (let n = 0; n < sent; n++) {
    const one = trade(n);
    const key = keyOf(one);
    const sum = found.get(key) ?? { high: one.price, low: one.price, volume: 0, trades: 0 };
    found.set(key, sum);
    sum.high = Math.max(sum.high, one.price);
    sum.low = Math.min(sum.low, one.price);
    sum.volume += one.quantity;
    sum.trades++;
  }
  return found;
}
