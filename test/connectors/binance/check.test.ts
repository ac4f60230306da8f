import { expect, it } from 'vitest';
import { registry } from '../../../connectors/index.ts';
import { check } from '../../../engine/index.ts';
import { type } from '../../../engine/types/data-type.ts';
import { type Options, priceColumns, problemsOf } from './scene.ts';

const symbols = { symbols: 'BTCUSDT' };

it('takes the columns of each stream', () => {
  expect(problemsOf(priceColumns, symbols)).toEqual([]);
  const numbers = { price: type.decimal(20, 8), quantity: type.double(), trade_id: type.bigint() };
  expect(problemsOf({ ...numbers, event_time_ms: type.timestampLtz(3) }, { ...symbols, stream: 'trade' })).toEqual([]);
});

it('names the nearest column, or the stream that has it', () => {
  expect(problemsOf({ symbl: type.string() }, symbols)).toEqual([
    "stream 'price' has no column 'symbl': did you mean 'symbol'?",
  ]);
  expect(problemsOf({ trade_id: type.bigint() }, symbols)).toEqual([
    "stream 'price' has no column 'trade_id': stream 'trade' has it; its columns: symbol, price, event_time_ms",
  ]);
});

it('names the types that a column may have', () => {
  expect(problemsOf({ price: type.int(), event_time_ms: type.string() }, symbols)).toEqual([
    "column 'price' of stream 'price' cannot be INT: declare it as DECIMAL(p, s), DOUBLE or STRING",
    "column 'event_time_ms' of stream 'price' cannot be STRING: declare it as BIGINT or TIMESTAMP_LTZ(p)",
  ]);
});

const cases: [Options, unknown[]][] = [
  [{}, [expect.stringContaining("'symbols'")]],
  [
    { symbols: 'btc/usdt' },
    ["'btc/usdt' is no symbol of Binance: expected upper-case letters and digits: did you mean 'BTCUSDT'?"],
  ],
  [{ symbols: 'BTCUSDT;BTCUSDT' }, ["symbol 'BTCUSDT' is listed twice: it is read once"]],
  [{ ...symbols, stream: 'trades' }, [expect.stringContaining("did you mean 'trade'?")]],
  [{ ...symbols, stream: 'kline' }, [expect.stringContaining("stream 'kline' needs option 'kline.interval'")]],
  [{ ...symbols, 'kline.interval': '1m' }, [expect.stringContaining("'kline.interval' belongs to stream 'kline'")]],
  [{ ...symbols, interval: '10 ms' }, [expect.stringContaining('polling every 10 ms uses more request weight')]],
  [{ ...symbols, 'api-secret': 'x' }, ["'api-secret' is given without 'api-key'"]],
  [{ ...symbols, 'ws-url': 'https://x' }, ["'https://x' is no URL for 'ws-url': expected ws://… or wss://…"]],
];

it.each(cases)('explains %j', (options, problems) => {
  const found = problemsOf(options.stream === 'kline' ? { symbol: type.string() } : priceColumns, options);
  expect(found).toEqual(problems);
});

it('warns where a sink is to write each row once: what was sent meanwhile cannot be read again', () => {
  const job = (guarantee: string) => `
    CREATE TABLE prices (symbol STRING, price STRING) WITH ('connector' = 'binance', 'symbols' = 'BTCUSDT');
    CREATE TABLE topic (symbol STRING, price STRING) WITH (
      'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json',
      'sink.delivery-guarantee' = '${guarantee}', 'sink.transactional-id-prefix' = 'p'
    );
    INSERT INTO topic SELECT symbol, price FROM prices;`;
  const problems = (guarantee: string) =>
    check(
      { file: 'job.sql', text: job(guarantee) },
      { registry, variables: () => undefined, settings: new Map() },
    ).diagnostics.map(({ code, severity, message }) => ({ code, severity, message }));
  expect(problems('exactly-once')).toEqual([
    {
      code: 'not-replayable',
      severity: 'warning',
      message: "the sink writes exactly once, but table 'prices' cannot be read again after a restart",
    },
  ]);
  expect(problems('at-least-once')).toEqual([]);
});
