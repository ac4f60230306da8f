import type { TopicMessage } from '../servers/index.ts';
import { jdbcTable, type KillCase, kafkaTable, PARTITIONS } from './kill-case.ts';

const SYMBOLS = 40;
/** Event time of the first trade, and what each trade adds: 20 000 trades are a second of it. */
const START = Date.UTC(2024, 0, 1);
const TRADES_PER_MS = 20;

/** Windows of a second, and a GROUP BY. The candles go into a table without a key: a window that closed twice would be seen. */
export const candlesCase: KillCase = {
  topics: ['trades'],
  tables: {
    candles: {
      count: 'sum(trades)',
      total: (sent) => sent,
      rows: (sent) =>
        [...sums(sent, ({ symbol, time }) => `S${symbol},"${timeText(time - (time % 1000))}"`)]
          .map(([key, { high, low, volume, trades }]) => `(${key},${high},${low},${volume},${trades})`)
          .sort(),
    },
    totals: {
      count: 'sum(trades)',
      total: (sent) => sent,
      rows: (sent) =>
        [...sums(sent, ({ symbol }) => `S${symbol}`)]
          .map(([key, { trades, volume, high }]) => `(${key},${trades},${volume},${high})`)
          .sort(),
    },
  },
  progress: 'totals',
  createTables: (prefix) => `
    CREATE TABLE ${prefix}_candles (symbol TEXT, opened TIMESTAMP(3), high BIGINT, low BIGINT, volume BIGINT, trades BIGINT);
    CREATE TABLE ${prefix}_totals (symbol TEXT PRIMARY KEY, trades BIGINT, volume BIGINT, high BIGINT)`,
  jobText: (prefix, at) => `
SET 'pipeline.name' = '${prefix}';
SET 'table.local-time-zone' = 'UTC';
CREATE TABLE trades (
  symbol STRING, price BIGINT, quantity BIGINT, time_ms BIGINT,
  ts AS CAST(TO_TIMESTAMP_LTZ(time_ms, 3) AS TIMESTAMP(3)), WATERMARK FOR ts AS ts - INTERVAL '0.5' SECOND
) WITH (${kafkaTable(at, 'trades')});
CREATE TABLE candles (symbol STRING, opened TIMESTAMP(3), high BIGINT, low BIGINT, volume BIGINT, trades BIGINT)
  WITH (${jdbcTable(at, `${prefix}_candles`)});
CREATE TABLE totals (symbol STRING, trades BIGINT, volume BIGINT, high BIGINT, PRIMARY KEY (symbol) NOT ENFORCED)
  WITH (${jdbcTable(at, `${prefix}_totals`)});
INSERT INTO candles
  SELECT symbol, window_start, MAX(price), MIN(price), SUM(quantity), COUNT(*)
  FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND))
  GROUP BY window_start, window_end, symbol;
INSERT INTO totals SELECT symbol, COUNT(*), SUM(quantity), MAX(price) FROM trades WHERE symbol <> 'end' GROUP BY symbol;`,
  message(n) {
    const { symbol, price, quantity, time } = trade(n);
    const value = `{"symbol":"S${symbol}","price":${price},"quantity":${quantity},"time_ms":${time}}`;
    return { topic: 'trades', partition: symbol % PARTITIONS, value };
  },
  // An hour later in every partition: all windows before it close. Its own symbol tells it from the trades.
  lastMessages(sent): TopicMessage[] {
    const time = START + Math.ceil(sent / TRADES_PER_MS) + 3_600_000;
    const value = `{"symbol":"end","price":0,"quantity":0,"time_ms":${time}}`;
    return Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 'trades', partition, value }));
  },
};

interface Trade {
  readonly symbol: number;
  readonly price: number;
  readonly quantity: number;
  readonly time: number;
}

/** Times grow within a partition. */
function trade(n: number): Trade {
  return {
    symbol: n % SYMBOLS,
    price: ((n * 7919) % 10_007) + 1,
    quantity: ((n * 31) % 97) + 1,
    time: START + Math.floor(n / TRADES_PER_MS),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

interface Sum {
  high: number;
  low: number;
  volume: number;
  trades: number;
}

function sums(sent: number, keyOf: (one: Trade) => string): Map<string, Sum> {
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
