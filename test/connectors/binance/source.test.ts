import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type } from '../../../engine/types/data-type.ts';
import { until } from '../../servers/index.ts';
import { openExchange, priceColumns, read, readUntil } from './scene.ts';

const trades = { symbol: type.string(), price: type.decimal(20, 8), trade_id: type.bigint() };
const tradeIds = (rows: readonly Record<string, unknown>[]) => rows.map((row) => Number(row.trade_id));

describe('prices', () => {
  it('come for all symbols with each poll, in the declared type', async () => {
    const exchange = await openExchange({ symbols: { BTCUSDT: 64_000.1, SOLUSDT: 150 } });
    const options = { symbols: 'BTCUSDT;SOLUSDT', interval: '50 ms' };
    const before = Date.now();
    const text = await (await read(exchange, priceColumns, options)).next();
    expect(text).toMatchObject([
      { symbol: 'BTCUSDT', price: '64000.10000000' },
      { symbol: 'SOLUSDT', price: '150.00000000' },
    ]);
    expect(Number(text[0]!.event_time_ms)).toBeGreaterThanOrEqual(before - 1000);
    const numbers = { price: type.decimal(10, 2) };
    const reading = await read(exchange, numbers, options);
    expect(await reading.next()).toEqual([{ price: 6_400_010n }, { price: 15_000n }]);
    exchange.tick();
    expect(await reading.next()).toHaveLength(2);
    expect(await (await read(exchange, { price: type.double() }, options)).next()).toHaveLength(2);
  });

  it('have no positions: there is nothing to go back to', async () => {
    const reading = await read(await openExchange(), priceColumns, {});
    await reading.next();
    expect(reading.source.positions()).toEqual(new Map());
    expect(reading.source.lag?.()).toMatchObject([{ split: 'BTCUSDT', timestamp: expect.any(Number) }]);
  });

  it('that do not fit their column end the job and say what would', async () => {
    const reading = await read(await openExchange(), { price: type.decimal(4, 2) }, {});
    await expect(reading.next()).rejects.toMatchObject({
      code: 'value-out-of-range',
      passing: false,
      message: "64000.00000000 does not fit column 'price', which is DECIMAL(4, 2)",
    });
  });

  it('wait as long as a limit says, and go on', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, priceColumns, { interval: '50 ms' });
    exchange.faults.limit({ status: 429, retryAfter: 1, requests: 1 });
    const before = performance.now();
    expect(await reading.next()).toHaveLength(1);
    expect(performance.now() - before).toBeGreaterThan(900);
    expect(reading.counts.get('rate_limited')).toBe(1);
    exchange.faults.limit({ status: 418, retryAfter: 1, requests: 1 });
    expect(await reading.next()).toHaveLength(1);
    expect(reading.counts.get('rate_limited')).toBe(2);
    expect(reading.warnings).toContain('binance_rate_limited');
  });

  it('outlive an exchange that is down or does not answer', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, priceColumns, { interval: '50 ms' });
    exchange.faults.outage(true);
    const polled = reading.next();
    await until('two failures', () => (reading.counts.get('request_failures') ?? 0) >= 2);
    exchange.faults.outage(false);
    expect(await polled).toHaveLength(1);
    exchange.faults.silence(true);
    const again = reading.next();
    const failures = reading.counts.get('request_failures')!;
    await until('a time-out', () => reading.counts.get('request_failures')! > failures);
    exchange.faults.silence(false);
    expect(await again).toHaveLength(1);
  });

  it("are timed by the exchange's clock, and a clock that is off is reported", async () => {
    const exchange = await openExchange();
    exchange.faults.skew(-3_600_000);
    const reading = await read(exchange, priceColumns, {});
    const [row] = await reading.next();
    expect(Math.abs(Number(row!.event_time_ms) - (Date.now() - 3_600_000))).toBeLessThan(5000);
    expect(reading.counts.get('clock_skews')).toBe(1);
    expect(reading.warnings).toContain('binance_clock_skew');
  });

  it('stop when they are told to', async () => {
    const reading = await read(await openExchange(), priceColumns, { interval: '1 h' });
    await reading.next();
    const stop = new AbortController();
    const polled = reading.source.poll(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(polled).rejects.toThrow('stopped');
  });
});

describe('opening', () => {
  it('names unknown symbols and the nearest that there are', async () => {
    const exchange = await openExchange();
    await expect(read(exchange, priceColumns, { symbols: 'BTCUSD;SOLUSDT;NOTHINGLIKEIT' })).rejects.toMatchObject({
      code: 'unknown-symbol',
      passing: false,
      message: "Binance has no symbols 'BTCUSD', 'NOTHINGLIKEIT'",
      help: "did you mean 'BTCUSDT' instead of 'BTCUSD'?",
    });
  });

  it('fails for now where there is no exchange', async () => {
    const exchange = await openExchange();
    exchange.faults.outage(true);
    await expect(read(exchange, priceColumns, {})).rejects.toMatchObject({
      code: 'binance-unreachable',
      passing: true,
      message: expect.stringContaining(exchange.restUrl),
    });
  });
});

describe('streams', () => {
  it('of trades come whole and in order', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, trades, { stream: 'trade', symbols: 'BTCUSDT;SOLUSDT' });
    for (let i = 0; i < 100; i++) exchange.tick();
    const rows = await readUntil(reading, (all) => all.length === 200);
    for (const symbol of ['BTCUSDT', 'SOLUSDT']) {
      const ids = tradeIds(rows.filter((row) => row.symbol === symbol));
      expect(ids).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    }
    expect(rows.every((row) => typeof row.price === 'bigint' && row.price > 0n)).toBe(true);
    expect(reading.counts.size).toBe(0);
  });

  it.each([
    [
      'mini-ticker',
      { symbol: type.string(), price: type.double(), high_price: type.double(), volume: type.string() },
      (row: Record<string, unknown>) => Number(row.high_price) >= Number(row.price),
    ],
    [
      'book-ticker',
      {
        bid_price: type.decimal(20, 8),
        ask_price: type.decimal(20, 8),
        update_id: type.bigint(),
        event_time_ms: type.bigint(),
      },
      (row: Record<string, unknown>) => (row.bid_price as bigint) <= (row.ask_price as bigint),
    ],
    [
      'kline',
      {
        kline_interval: type.string(),
        open_time_ms: type.timestampLtz(3),
        close_time_ms: type.bigint(),
        closed: type.boolean(),
      },
      (row: Record<string, unknown>) =>
        row.kline_interval === '5m' && Number(row.open_time_ms) / 1000 + 299_999 === Number(row.close_time_ms),
    ],
  ])('of %s come with their columns', async (stream, columns, holds) => {
    const exchange = await openExchange();
    const more = stream === 'kline' ? { 'kline.interval': '5m' } : {};
    const reading = await read(exchange, columns, { stream, ...more });
    exchange.tick();
    const rows = await readUntil(reading, (all) => all.length > 0);
    expect(rows.filter((row) => !holds(row))).toEqual([]);
  });

  it.each([
    ['a broken connection', 'disconnect'],
    ['the end of 24 hours', 'expire'],
  ] as const)('go on after %s, and lose nothing that was sent while connected', async (_, fault) => {
    const exchange = await openExchange();
    const reading = await read(exchange, trades, { stream: 'trade' });
    for (let i = 0; i < 10; i++) exchange.tick();
    const before = await readUntil(reading, (all) => all.length === 10);
    exchange.faults[fault]();
    await until('a new connection', () => reading.counts.get('reconnects') === 1);
    for (let i = 0; i < 10; i++) exchange.tick();
    const after = await readUntil(reading, (all) => all.length === 10);
    expect(tradeIds([...before, ...after])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(reading.counts.get('disconnects')).toBe(1);
  });

  it('go on after an exchange that was down', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, trades, { stream: 'trade' });
    exchange.tick();
    await reading.next();
    exchange.faults.outage(true);
    exchange.tick();
    await until('two attempts', () => (reading.counts.get('connect_failures') ?? 0) >= 2);
    exchange.faults.outage(false);
    await until('a new connection', () => exchange.connections() === 1);
    exchange.tick();
    expect(tradeIds(await reading.next())).toEqual([3]);
    expect(reading.counts.get('reconnects')).toBe(1);
  });

  it('skip and count what is no payload', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, trades, { stream: 'trade' });
    exchange.faults.garbage(4);
    exchange.tick();
    expect(tradeIds(await reading.next())).toEqual([1]);
    expect(reading.counts).toEqual(new Map([['records_skipped', 4]]));
  });

  it('replace a connection that has fallen silent, and keep one that is only quiet', async () => {
    const exchange = await openExchange({ pingInterval: 50 });
    const reading = await read(exchange, trades, { stream: 'trade', 'silence.timeout': '400 ms' });
    // No trade for longer than the time-out: pings show that the connection lives.
    await sleep(600);
    expect(reading.counts.size).toBe(0);
    exchange.faults.silence(true);
    await until('the silence', () => reading.counts.get('silences') === 1);
    exchange.faults.silence(false);
    await until('a new connection', () => reading.counts.get('reconnects') === 1);
    exchange.tick();
    expect(await readUntil(reading, (all) => all.length > 0)).toHaveLength(1);
  });

  it('hold the network back where nobody polls', async () => {
    const exchange = await openExchange();
    const reading = await read(exchange, { trade_id: type.bigint() }, { stream: 'trade' });
    for (let i = 0; i < 1000; i++) exchange.tick();
    // More than the queue holds: the rest waits in the network and is not lost.
    const flood = 60_000;
    for (let i = 0; i < flood; i++) {
      exchange.tick();
      if (i % 1000 === 0) await sleep(1);
    }
    const rows = await readUntil(reading, (all) => all.length === flood + 1000);
    expect(tradeIds(rows)).toEqual(Array.from({ length: flood + 1000 }, (_, i) => i + 1));
    expect(reading.counts.size).toBe(0);
  });
});
