import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { produceTo, query, until } from '../servers/index.ts';
import { setFolder } from './scene.ts';

describe('jobs/crypto_prices_checked.sql', () => {
  it('sorts ticks into three tables, on the embedded servers', { timeout: 120_000 }, async () => {
    const scene = setFolder();
    const bin = scene.start(['run', '--embedded', path.resolve('jobs/crypto_prices_checked.sql')]);
    const said = /embedded Kafka (\S+), PostgreSQL (\S+)/;
    await until('the embedded servers', () => said.test(bin.stderr), { timeout: 90_000 });
    const [, kafka = '', postgres = ''] = said.exec(bin.stderr)!;
    const tick = (topic: string, symbol: unknown, price: unknown, event_time_ms: unknown) => ({
      topic,
      value: JSON.stringify({ symbol, price, event_time_ms }),
    });
    const start = 1_700_000_000_000;
    // Every tick comes twice and in a shuffled order: 7 and 100 have no common factor.
    const times = Array.from({ length: 200 }, (_, i) => (i * 7) % 100);
    await produceTo(kafka, [
      ...times.flatMap((i) => [
        tick('BTC', 'BTCUSDT', `${60_000 + i}.25`, start + i * 1000),
        tick('SOL', 'solusdt', 50 + i, String(start + i * 1000)),
      ]),
      tick('BNB', 'BNBUSDT', 'many', start),
      tick('BNB', 'BNBUSDT', 1, 1_700_000_000),
      { topic: 'BNB', value: '{"symbol": "BNBUSDT"' },
      { topic: 'BNB', value: `{"symbol": "NEW", "price": 1, "event_time_ms": ${start}, "venue": "x"}` },
      // The last message of each topic is one that every reader has to get past.
      ...['BTC', 'SOL', 'BNB'].map((topic) => tick(topic, 'END', 1, start)),
    ]);
    const rows = (text: string) => query(postgres, text);
    const prices = 'SELECT symbol, topic, price::text, event_time::text AS at FROM machine.crypto_prices_checked';
    const rejects = 'SELECT topic, problem FROM machine.crypto_price_rejects ORDER BY "offset"';
    const letters =
      "SELECT split_name, error_code, convert_from(record_value, 'UTF8') AS message FROM machine.crypto_price_letters";
    await until(
      'everything',
      async () =>
        (await rows(prices)).length === 6 && (await rows(rejects)).length === 2 && (await rows(letters)).length === 1,
      { timeout: 60_000 },
    ).catch((error: unknown) => expect(bin.stderr).toBe(String(error)));
    expect(await rows(`${prices} WHERE symbol NOT IN ('END', 'NEW') ORDER BY symbol`)).toEqual([
      { symbol: 'BTCUSDT', topic: 'BTC', price: '60099.2500000000', at: '2023-11-14 22:14:59' },
      { symbol: 'SOLUSDT', topic: 'SOL', price: '149.0000000000', at: '2023-11-14 22:14:59' },
    ]);
    expect(await rows(rejects)).toEqual([
      { topic: 'BNB', problem: 'price is no number' },
      { topic: 'BNB', problem: 'time is before 2001' },
    ]);
    expect(await rows(letters)).toEqual([
      { split_name: expect.stringMatching(/^BNB-\d$/), error_code: 'malformed', message: '{"symbol": "BNBUSDT"' },
    ]);
    expect(bin.stderr).toMatch(/"venue".*"fields_unknown"/);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
